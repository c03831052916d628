"""The last app to load: puts the parts of the house together."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """No models; loading it tells every port who serves it."""

    name = "config"
    label = "house"

    def ready(self) -> None:
        from config import wiring  # noqa: PLC0415 - every app must be loaded first

        wiring.wire()
