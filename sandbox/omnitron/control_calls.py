"""The control calls only this sandbox has: seeding, the customers' side, keys, deliveries, what was reported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control import ControlError, json_object
from sandbox.omnitron.auth import expire_keys
from sandbox.omnitron.box import Box
from sandbox.omnitron.errors import ApiError, NotFound
from sandbox.omnitron.keeper import SeedKeeper
from sandbox.omnitron.render import orders_with_items, plan_rows, store_rows
from sandbox.omnitron.rules.create_order import create_order
from sandbox.omnitron.rules.stores import add_store, change_store
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.seeding.plan import SIZES, SeedPlan, Size
from sandbox.omnitron.store import Row
from sandbox.omnitron.values import BadValue, as_integer

ORDER, STORE, CHANNEL = TABLES["order"], TABLES["retail_store"], TABLES["channel"]
MAX_ORDERS = 100_000
_ORDERS_AT_ONCE = 50
Call = Callable[[Request], Awaitable[Response]]


def control_routes(box: Box, keeper: SeedKeeper) -> list[BaseRoute]:
    """Routes for `sandbox.control.Control`, relative to `/_sandbox`."""
    desk = _Desk(box, keeper)
    return [
        Route("/state/", _guarded(desk.state), methods=["GET"]),
        Route("/seed/", _guarded(desk.seed), methods=["POST"]),
        Route("/orders/", _guarded(desk.place), methods=["POST"]),
        Route("/orders/{id}/change/", _guarded(desk.change), methods=["POST"]),
        Route("/orders/{id}/pay/", _guarded(desk.pay), methods=["POST"]),
        Route("/orders/{id}/cancel/", _guarded(desk.cancel), methods=["POST"]),
        Route("/cancel/", _guarded(desk.cancel), methods=["POST"]),
        Route("/stores/", _guarded(desk.stores), methods=["GET", "POST"]),
        Route("/expire-tokens/", _guarded(desk.expire_tokens), methods=["POST"]),
        Route("/deliveries/", _guarded(desk.deliveries), methods=["GET"]),
        Route("/error-reports/", _guarded(desk.error_reports), methods=["GET"]),
        Route("/order-shipping-infos/", _guarded(desk.shipping_infos), methods=["GET"]),
    ]


def _guarded(call: Call) -> Call:
    """Refusals of the sandbox answered as on the wire."""

    async def guarded(request: Request) -> Response:
        try:
            return await call(request)
        except ApiError as refusal:
            return JSONResponse(refusal.body, refusal.status)

    return guarded


class _Desk:
    def __init__(self, box: Box, keeper: SeedKeeper) -> None:
        self._box = box
        self._store = box.store
        self._keeper = keeper

    async def state(self, _request: Request) -> Response:
        """How many rows there are of what, how they were seeded, and which filters were ignored."""
        plan = self._keeper.plan
        return JSONResponse(
            {
                "seed": plan.seed,
                "size": plan.size,
                "day": str(plan.anchor.date()),
                "counts": {name: self._store.count(table) for name, table in TABLES.items()},
                "unknown_filters": dict(self._box.unknown_filters),
            }
        )

    async def seed(self, request: Request) -> Response:
        """Everything anew: `{"seed", "size", "day", "orders"}`, each as it was when left out."""
        body, present = await json_object(request), self._keeper.plan
        size = body.get("size", present.size)
        if size not in SIZES:
            raise ControlError(f"One of {', '.join(SIZES)}.", field="size")
        orders = body.get("orders", present.orders if size == present.size else None)
        plan = SeedPlan(
            seed=_integer(body, "seed", present.seed),
            size=cast(Size, size),
            day=_day(body, present.day),
            orders=None if orders is None else _bounded({"orders": orders}, "orders", 0),
        )
        self._keeper.again(plan)
        return await self.state(request)

    async def place(self, request: Request) -> Response:
        """`{"count": n, "channel"?, "status"?}` places n orders of the usual mix; `{"channel", "order": {…},
        "order_item": […]}` the one given."""
        body = await json_object(request)
        if "order" in body:
            return JSONResponse(self._place_given(body), 201)
        count = _bounded(body, "count", 1)
        channel = self._channel(body["channel"])["id"] if body.get("channel") else None
        ids: list[int] = []
        while len(ids) < count:
            chunk = min(_ORDERS_AT_ONCE, count - len(ids))
            status = str(body["status"]) if body.get("status") else None
            ids.extend(self._keeper.shop.place(chunk, channel=channel, status=status))
            await asyncio.sleep(0)
        numbers = [self._order(each)["number"] for each in ids]
        return JSONResponse(
            {"placed": [{"pk": pk, "number": n} for pk, n in zip(ids, numbers, strict=True)]}, 201
        )

    def _place_given(self, body: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(body["order"], dict) or not isinstance(body.get("order_item", []), list):
            raise ControlError("Expected an object, with its items as a list.", field="order")
        channel = self._channel(body.get("channel") or body["order"].get("channel"))
        with self._box.unit() as changes:
            placed = create_order(self._store, changes, channel, body["order"], body.get("order_item", []))
        return self._shown(placed["id"])

    async def change(self, request: Request) -> Response:
        """`{"address": {…}}`, `{"items": [{"id", …, "remove": true}]}`, `{"add_items": […]}`, `{"status"}`."""
        order = self._order(request.path_params["id"])
        self._keeper.shop.change(order, await json_object(request))
        return JSONResponse(self._shown(order["id"]))

    async def pay(self, request: Request) -> Response:
        """The payment of an order has come."""
        order = self._order(request.path_params["id"])
        self._keeper.shop.pay(order["id"])
        return JSONResponse(self._shown(order["id"]))

    async def cancel(self, request: Request) -> Response:
        """The customer cancels `{"order", "cancel_items"?, "reasons"?}`; without items all of it. Answers the plan."""
        body = await json_object(request)
        order = self._order(request.path_params.get("id", body.get("order")))
        plan = self._keeper.shop.cancel(order, {**body, "order": order["id"]})
        return JSONResponse(plan_rows(self._store, [plan])[0], 201)

    async def stores(self, request: Request) -> Response:
        """GET lists; POST `{…}` opens a store, or changes the one whose `pk` or `erp_code` it names."""
        if request.method == "GET":
            return JSONResponse(store_rows(self._store, self._store.find(STORE)))
        body = await json_object(request)
        present = self._known_store(body)
        with self._box.unit() as changes:
            if present is None:
                row = add_store(self._store, changes, body)
            else:
                row = change_store(self._store, changes, present, body)
        self._keeper.shop.forget_the_world()
        return JSONResponse(store_rows(self._store, [row])[0], 201 if present is None else 200)

    def _known_store(self, body: dict[str, Any]) -> Row | None:
        if body.get("pk") is not None:
            found = self._store.get(STORE, _integer(body, "pk", 0))
            if found is None:
                raise NotFound()
            return found
        return self._store.first(STORE, "erp_code = ?", [body.get("erp_code")])

    async def expire_tokens(self, _request: Request) -> Response:
        """Every key is worthless from now on."""
        return JSONResponse({"expired": expire_keys(self._store)})

    async def deliveries(self, request: Request) -> Response:
        """Webhook deliveries, oldest first; `?state=` waiting, retrying, delivered, dead, dropped."""
        state = request.query_params.get("state")
        where, params = ("state = ?", [state]) if state else ("1", [])
        hooks = {each["id"]: each for each in self._store.find(TABLES["hook"])}
        names = ("id", "uuid", "event_type", "object_id", "state", "delivered", "retry_count", "request_datetimes",
                 "response_http_status", "response_content", "next_attempt_date", "created_date")  # fmt: skip
        return JSONResponse(
            [
                {**{name: row[name] for name in names}, "target_url": hooks[row["webhook"]]["target_url"]}
                for row in self._store.find(TABLES["delivery"], where, params)
            ]
        )

    async def error_reports(self, _request: Request) -> Response:
        """What channels reported, oldest first; `kind` is the place a mapping is missing for."""
        rows = self._store.find(TABLES["error_report"])
        return JSONResponse(
            [
                {"pk": each["id"], "channel": each["channel"], "kind": each["kind"], **each["body"]}
                for each in rows
            ]
        )

    async def shipping_infos(self, _request: Request) -> Response:
        """Order shipping infos as they were sent, oldest first."""
        rows = self._store.find(TABLES["order_shipping_info"])
        return JSONResponse([{"pk": each["id"], "channel": each["channel"], **each["body"]} for each in rows])

    # Rows

    def _order(self, name: Any) -> Row:
        try:
            found = self._store.get(ORDER, as_integer(name))
        except BadValue:
            found = None
        found = found or self._store.first(ORDER, "number = ?", [str(name)])
        if found is None:
            raise NotFound(f"No order {name}.")
        return found

    def _shown(self, order_id: int) -> dict[str, Any]:
        return orders_with_items(self._store, [self._order(order_id)])[0]

    def _channel(self, raw: Any) -> Row:
        found = self._store.get(CHANNEL, _integer({"channel": raw}, "channel", 0))
        if found is None:
            raise ControlError(f"There is no channel {raw}.", field="channel")
        return found


def _integer(body: dict[str, Any], name: str, default: int) -> int:
    try:
        return as_integer(body.get(name, default))
    except BadValue as error:
        raise ControlError(str(error), field=name) from None


def _bounded(body: dict[str, Any], name: str, least: int) -> int:
    number = _integer(body, name, 1)
    if not least <= number <= MAX_ORDERS:
        raise ControlError(f"Between {least} and {MAX_ORDERS}.", field=name)
    return number


def _day(body: dict[str, Any], default: date | None) -> date | None:
    try:
        return date.fromisoformat(body["day"]) if body.get("day") else default
    except (TypeError, ValueError):
        raise ControlError("A day as YYYY-MM-DD.", field="day") from None
