"""`packhouse docs`."""

from pathlib import Path

import click

from packhouse.cli.house import action, without_database

FOLDER = Path(__file__).resolve().parents[2] / "docs"


@click.command
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a page is not up to date.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    help="Where the pages go (default: docs/ of the source tree).",
)
def docs(*, check: bool, folder: Path) -> None:
    """Write the generated pages of the documentation: commands.md, errors.md, settings.md, states.md,
    and a label as PDF and ZPL (label.pdf, label.zpl).

    They are made from the code: the settings' types and texts, the commands' declarations, the error classes,
    the default machine.
    """
    with without_database():
        stale = action("actions.pages:write")(folder, only_check=check)
    if check and stale:
        raise click.ClickException(f"Not up to date: {', '.join(stale)}. Run `make docs` and commit them.")
    click.echo("Up to date." if not stale else f"Written: {', '.join(stale)}")
