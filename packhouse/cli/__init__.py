"""`packhouse`: one command line for everything. Each command is a small file named like it.

A command's file has its options and its help only. What it does stands under `actions/` (and `demo/`), loaded
once the database is known and Django is set up; so `--help` answers at once.
"""

import importlib
from typing import Final

import click

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "run": ("Running", "Web and worker together, supervised; with --demo a seeded brand and its neighbours."),
    "web": ("Running", "The web server alone."),
    "worker": ("Running", "The background worker alone."),
    "demo": ("Trying out", "The main job once, on a seeded brand, checked and shown as a table."),
    "setup": ("Setting up", "Prepare the database and copy what the back office has."),
    "token": ("Setting up", "Make a key for the HTTP API."),
    "import-orders": ("Working", "Take orders from a JSON or CSV file."),
    "plan": ("Working", "Decide who packs orders."),
    "simulate": ("Working", "Plan orders by other versions of scenarios and compare; nothing is written."),
    "import-stock": ("Working", "Take counts of stock from a CSV file."),
    "export-stock": ("Working", "Write the stock into a CSV file that import-stock can read."),
    "reconcile": ("Working", "Find, and with --fix mend, what does not agree: stock, quota, codes."),
    "states": ("Working", "Draw the states and transitions, or check them."),
    "check-carrier": ("Developing", "Check that a carrier's adaptor keeps the contract."),
    "docs": ("Developing", "Write the generated pages of the documentation."),
}
"""Name to section and summary; the command is the object of the same name in the module of the same name."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, (section, summary) in COMMANDS.items():
            sections.setdefault(section, []).append((name, summary))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="packhouse", prog_name="packhouse")
def main() -> None:
    """Packhouse: order management, from the order that comes in to the parcel that is delivered.

    \b
    packhouse demo             see the main job done, in a minute
    packhouse run --demo       play with it: API, worker, a demo brand and its neighbours
    packhouse run              the same without the demo: your own installation

    Without DATABASE_URL a PostgreSQL of its own is started in the data folder (--data, default .data) and
    stopped by the last process that uses it. `packhouse COMMAND --help` tells the rest.
    """
