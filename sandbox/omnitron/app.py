"""One Omnitron sandbox, put together: store, wire, webhooks, control desk."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.types import ASGIApp

from sandbox.control import Control
from sandbox.omnitron.box import Box, Settings
from sandbox.omnitron.control_calls import control_routes
from sandbox.omnitron.keeper import SeedKeeper
from sandbox.omnitron.play import Player, Rate
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.seed import Progress, nobody_waits, seed
from sandbox.omnitron.store import Store
from sandbox.omnitron.views.routes import build_wire


@dataclass(frozen=True)
class Omnitron:
    """A sandbox ready to be served: `app` for `sandbox.serve`; the others for looking inside."""

    app: ASGIApp
    box: Box
    control: Control
    keeper: SeedKeeper


def create(
    plan: SeedPlan | None = None,
    *,
    db: str | None = None,
    settings: Settings | None = None,
    control: bool = True,
    play: Rate | None = None,
    progress: Progress = nobody_waits,
) -> Omnitron:
    """A sandbox, seeded by `plan` unless the file `db` holds one already.

    `control` switches `/_sandbox/` on; `play` goes on placing orders while it runs;
    `progress` is told of the orders seeded.
    """
    plan = plan or SeedPlan()
    box = Box(Store(db), settings or Settings())
    if box.store.is_empty():
        seed(box.store, plan, progress)
    keeper = SeedKeeper(box, plan)
    desk = Control(reset=keeper.again, routes=control_routes(box, keeper), enabled=control)
    box.faults = lambda: desk.faults
    player = Player(box, lambda: keeper.shop, play) if play else None
    return Omnitron(desk.wrap(build_wire(box, _lifespan(box, player))), box, desk, keeper)


def _lifespan(box: Box, player: Player | None) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        await box.sender.start()
        if player:
            player.start()
        try:
            yield
        finally:
            if player:
                await player.stop()
            await box.sender.stop()

    return lifespan
