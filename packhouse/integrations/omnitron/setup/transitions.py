"""The default machine: states and transitions of page 20."""

from packhouse.commands.installation import install_defaults, is_installed
from packhouse.integrations.omnitron.setup.progress import Progress


def is_required() -> bool:
    """It was never installed."""
    return not is_installed()


def execute(progress: Progress) -> None:
    """What is missing is added; what is there stays as it is."""
    made = install_defaults()
    progress.expect(made)
    progress.did(made)
