"""`packhouse-sandbox`: starts one of the neighbours."""

from __future__ import annotations

import importlib

import click

SANDBOXES = {
    "carrier": (
        "sandbox.carrier.command:carrier",
        "A carrier: registers shipments, prints labels, moves them.",
    ),
    "invoice": (
        "sandbox.invoice.command:invoice",
        "An invoice service: checks, allots a number, sends a document.",
    ),
    "omnitron": ("sandbox.omnitron.cli:omnitron", "Omnitron: orders, products, stores, signed webhooks."),
    "receiver": (
        "sandbox.receiver.command:receiver",
        "A webhook receiver: checks signatures, counts repeats.",
    ),
}
"""Name to where its click command stands and a summary; a command is loaded when it is asked for."""


class _Sandboxes(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(SANDBOXES)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in SANDBOXES:
            return None
        module, _, attribute = SANDBOXES[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Sandboxes"):
            formatter.write_dl([(name, summary) for name, (_, summary) in sorted(SANDBOXES.items())])


@click.group(
    cls=_Sandboxes, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="packhouse", prog_name="packhouse-sandbox")
def main() -> None:
    """Start a neighbour of Packhouse on this machine, for a demo, for tests, or to build against.

    Each one runs in the foreground until Ctrl-C or SIGTERM, keeps its state in memory unless told otherwise,
    and prints its address as its first line once it answers.

    \b
    packhouse-sandbox carrier --port 9200
    curl -s localhost:9200/_sandbox/                                   its control calls
    curl -s localhost:9200/_sandbox/requests/                          what it was sent
    curl -s -X PUT localhost:9200/_sandbox/faults/ -d '{"latency_ms": [200, 900], "error_rate": {"503": 0.3}}'
    curl -s -X PUT localhost:9200/_sandbox/faults/ -d '{"preset": "outage"}'
    curl -s -X DELETE localhost:9200/_sandbox/faults/                  well again

    The control calls under /_sandbox/ answer clients on this machine only. `packhouse-sandbox NAME --help`
    tells what each sandbox does and what else its control desk can do.
    """
