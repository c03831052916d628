"""What planning asks of workers."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class RunSimulation(Message):
    """Work off a simulation that was asked for."""

    task: ClassVar[str] = "planning.simulate"
    queue: ClassVar[str] = "simulations"
    simulation_id: int

    def lock(self) -> str:
        return f"simulation-{self.simulation_id}"
