from django.apps import AppConfig


class CommandsConfig(AppConfig):
    """No models; loading the app makes every command known to the engine."""

    name = "packhouse.commands"
    label = "commands"

    def ready(self) -> None:
        from packhouse.commands import registry  # noqa: F401, PLC0415 - models must be loaded first
