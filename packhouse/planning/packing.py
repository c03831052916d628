"""The packages of a plan while its rules add to them: one per location and starting state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from packhouse.planning.result import (
    OUT_OF_STOCK,
    WAITING,
    WAITING_FOR_TRANSFER,
    PlannedPackage,
    PlannedTransfer,
    Share,
)
from packhouse.planning.transfers import merged


class Packing:
    """What rules give to a location that has a package in the same state goes into that one."""

    def __init__(self) -> None:
        self._packages: dict[tuple[int, str], PlannedPackage] = {}

    def add(
        self,
        location_id: int,
        shares: Sequence[Share],
        rule: tuple[int, str],
        transfers: Sequence[PlannedTransfer] = (),
    ) -> bool:
        """Pack something; answers whether that made a package. ``rule``: its position and name."""
        state = WAITING_FOR_TRANSFER if transfers else WAITING
        package = self._packages.get((location_id, state))
        is_new = package is None
        if package is None:
            package = PlannedPackage(location_id, state, (), *rule)
        coming = [share for transfer in transfers for share in transfer.lines]
        self._packages[location_id, state] = replace(
            package,
            lines=merged(merged(package.lines, shares), coming),
            transfers=_by_source(package.transfers, transfers),
        )
        return is_new

    def packages(self, several: str) -> tuple[PlannedPackage, ...]:
        """All of them; where there are ``several``, those that wait for nothing start in that state."""
        made = tuple(self._packages.values())
        if len(made) < 2:
            return made
        return tuple(replace(one, state=several) if one.state == WAITING else one for one in made)


def out_of_stock(location_id: int, shares: Sequence[Share]) -> PlannedPackage:
    """The package that holds, without reservation, what could not be placed."""
    return PlannedPackage(location_id, OUT_OF_STOCK, tuple(shares))


def _by_source(
    before: Sequence[PlannedTransfer], more: Sequence[PlannedTransfer]
) -> tuple[PlannedTransfer, ...]:
    by_source = {transfer.source_id: transfer for transfer in before}
    for transfer in more:
        known = by_source.get(transfer.source_id)
        by_source[transfer.source_id] = (
            transfer if known is None else replace(known, lines=merged(known.lines, transfer.lines))
        )
    return tuple(by_source.values())
