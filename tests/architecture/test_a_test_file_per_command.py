"""Each command is one file named like its row of the specification, with one test file of the same name."""

from pathlib import Path

import pytest

from packhouse.kernel import commands
from packhouse.kernel.commands import Command

TESTS = Path(__file__).resolve().parent.parent / "commands"
COMMANDS = commands.registered()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_it_has_a_test_file_with_refusals(command: Command) -> None:
    _packhouse, _commands, folder, module = command.body.__module__.split(".")
    path = TESTS / folder / f"test_{module}.py"

    assert path.exists(), f"write {path.relative_to(TESTS.parent)}: effects, and every refusal with refuse()"
    assert "refuse" in path.read_text(encoding="utf-8")


def test_no_two_commands_share_a_file() -> None:
    modules = [command.body.__module__ for command in COMMANDS]

    assert len(modules) == len(set(modules))
