"""A plan in plain sentences: one for each product at each location, and one for each that was not placed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packhouse.planning.recollection import Recollection
from packhouse.planning.result import OUT_OF_STOCK
from packhouse.planning.sentence_texts import ENGLISH, TURKISH

NAMED = 2
"""Locations told about per sentence beside the one that gives."""

Kept = Mapping[str, Any]
"""What `keeping.unfold` gives, or a rule of it."""

_LEFT_OUT = ("no_quota", "conditions", "not_a_fulfillment_center", "refused_before")


def sentences(kept: Kept, language: str) -> list[str]:
    """The whole plan, told in ``en`` or ``tr``."""
    return list(_Teller(kept, TURKISH if language == "tr" else ENGLISH).tell())


class _Teller:
    def __init__(self, kept: Kept, texts: Mapping[str, str]) -> None:
        self.kept = kept
        self.texts = texts
        self.then = Recollection(kept)

    def tell(self) -> Iterator[str]:
        if self.kept["reason"] == "no_scenario":
            yield self._no_match()
        for rule in self.kept["rules"]:
            yield from self._gifts(rule, self.kept["km"])
            transfer = rule["transfer"]
            for inner in transfer["rules"] if transfer else ():
                yield from self._gifts(inner, transfer["km"], to=transfer["to"])
        for place, state, shares, rule in self.kept["packages"]:
            if rule is None and state != OUT_OF_STOCK:
                for sku, quantity in self.then.by_sku(shares):
                    yield self._say("by_hand", place=place, what=self._what(quantity, sku))
        yield from self._rest()
        yield from self._unknown_points()

    def _gifts(self, rule: Kept, km: Kept, to: str | None = None) -> Iterator[str]:
        for place, shares in rule["given"]:
            for sku, quantity in self.then.by_sku(shares):
                why = "; ".join([self._why(rule, place, sku), *self._others(rule, place, sku, km)])
                form = "took" if to is None else "by_transfer"
                yield self._say(form, place=place, what=self._what(quantity, sku), to=to, why=why)
        self.then.pass_by(rule, packs=to is None)

    def _why(self, rule: Kept, place: str, sku: str) -> str:
        key, direction = (*rule["sort"], ("PRIORITY", "asc"))[0]
        best = self.texts[f"best:{key}:{direction}"]
        if rule["bound"] and rule["bound"][1] > 1:
            lower, found, proven = rule["bound"]
            return self._say("fewest" if proven else "fewest_unproven", found=found, lower=lower)
        wants_all = rule["product_condition"] == "all_products" and not rule["transfer"]
        able = [code for code, *_ in rule["in"] if self._can_give(code, sku, rule, everything=wants_all)]
        if len(able) < 2 or place not in able:
            return self.texts["only_everything" if wants_all else "only"]
        rank = able.index(place) + 1
        if rank == 1:
            return self._say("everything" if wants_all else "best", best=best, count=len(able))
        return self._say("later", rank=rank, criterion=self.texts[f"by:{key}"], count=len(able))

    def _can_give(self, code: str, sku: str, rule: Kept, *, everything: bool) -> bool:
        if not everything:
            return self.then.free(code, sku) > 0
        asked = self.then.by_sku(share for _, shares in rule["given"] for share in shares)
        return all(self.then.free(code, one) >= quantity for one, quantity in asked)

    def _others(self, rule: Kept, place: str, sku: str, km: Kept) -> Iterator[str]:
        """Who stood before the winner with nothing free, and who was left out though it has some."""
        ranked = [code for code, *_ in rule["in"]]
        before = ranked[: ranked.index(place)] if place in ranked else []
        dry = [code for code in before if self._is_dry(code, sku)]
        dry = dry or [code for code in ranked if self._is_dry(code, sku)]
        for code in dry[:NAMED]:
            yield self._say("none_free", place=code, numbers=self._numbers(code, sku))
        for code, why in self._left_out([rule], sku)[: max(0, NAMED - len(dry))]:
            yield self._say("shut_out", place=code, cause=self._cause(code, why, km))

    def _is_dry(self, code: str, sku: str) -> bool:
        level = self.then.level(code, sku)
        return level is not None and level.stock > 0 >= level.available

    def _left_out(self, rules: Iterable[Kept], sku: str) -> list[tuple[str, str]]:
        """(location, condition) of those with something free that the rules shut out."""
        found = {
            code: why
            for rule in rules
            for why, codes in rule["out"].items()
            for code in codes
            if why != "OWN_LOCATION" and self.then.free(code, sku) > 0
        }
        return list(found.items())

    def _numbers(self, code: str, sku: str) -> str:
        level = self.then.level(code, sku)
        if level is None:
            return ""
        parts = [self._say("in_stock", stock=level.stock)]
        parts += [self._say("reserved", reserved=level.reserved)] if level.reserved else []
        parts += [self._say("safety", safety=level.safety)] if level.safety else []
        parts += [self._say("given", given=level.given)] if level.given else []
        return ", ".join(parts)

    def _cause(self, code: str, why: str, km: Kept) -> str:
        quota, most = self.then.quota(code)
        if why == "SELECT_BY_QUOTA" and most is None:
            return self.texts["out:NO_MAX_QUOTA"]
        return self._say(f"out:{why}", quota=quota, max_quota=_dash(most), km=_dash(km.get(code)))

    def _rest(self) -> Iterator[str]:
        parked = {
            item: place
            for place, state, shares, _ in self.kept["packages"]
            if state == OUT_OF_STOCK
            for item, _ in shares
        }
        groups: dict[tuple[str, str | None], list[tuple[int, float]]] = {}
        for item, quantity, reason in self.kept["not_placed"]:
            groups.setdefault((reason, parked.get(item)), []).append((item, quantity))
        for (reason, place), shares in groups.items():
            form = "not_placed" if place is None else "parked"
            for sku, quantity in self.then.by_sku(shares):
                why = "; ".join([self.texts[f"why:{reason}"], *self._details(reason, sku)])
                yield self._say(form, what=self._what(quantity, sku), place=place, why=why)

    def _details(self, reason: str, sku: str) -> Iterator[str]:
        """Up to `NAMED` locations with their numbers, and how many more there are."""
        told: list[str] = []
        if reason in ("nothing_free", "not_enough_stock"):
            dry = [code for code in self.kept["at"] if self._is_dry(code, sku)]
            told = [self._say("none_free", place=code, numbers=self._numbers(code, sku)) for code in dry]
        elif reason in _LEFT_OUT:
            left_out = self._left_out(self.kept["rules"], sku)
            told = [
                self._say("shut_out", place=code, cause=self._cause(code, why, self.kept["km"]))
                for code, why in left_out
            ]
        elif reason == "no_single_location":
            told = list(self._incomplete())
        elif reason == "stock_unavailable":
            told = [self._say("silent", place=code) for code in self.kept["silent"]]
        yield from told[:NAMED]
        if len(told) > NAMED:
            yield self._say("and_more", count=len(told) - NAMED)

    def _incomplete(self) -> Iterator[str]:
        """What the candidates of rules for all products lack."""
        asked = self.then.by_sku((item, quantity) for item, quantity, _ in self.kept["not_placed"])
        ranked = {
            code: None
            for rule in self.kept["rules"]
            if rule["product_condition"] == "all_products"
            for code, *_ in rule["in"]
        }
        for code in ranked:
            lacking = [sku for sku, quantity in asked if self.then.free(code, sku) < quantity]
            if lacking:
                yield self._say("lacks", place=code, what=", ".join(lacking))

    def _no_match(self) -> str:
        refused = [
            self._say("refused", name=name, condition=self.texts[f"condition:{condition}"])
            for _, _, name, condition in self.kept["refused"]
        ]
        return self._say("no_match", details=f": {'; '.join(refused)}" if refused else "")

    def _unknown_points(self) -> Iterator[str]:
        """Coordinates that were looked for and are not known."""
        if self.kept["km"] and not self.kept["placed"]:
            yield self.texts["address_unknown"]
            return
        for code, km in self.kept["km"].items():
            if km is None:
                yield self._say("no_coordinates", place=code)

    def _say(self, key: str, **names: object) -> str:
        return self.texts[key].format_map({name: self._shown(value) for name, value in names.items()})

    def _shown(self, value: object) -> str:
        return str(value).replace(".", self.texts["decimal"]) if isinstance(value, float) else str(value)

    def _what(self, quantity: float, sku: str) -> str:
        return sku if quantity == 1 else f"{self._shown(quantity)} x {sku}"


def _dash(value: object) -> object:
    return "–" if value is None else value
