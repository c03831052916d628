"""Every refusal that the pages tell of a command is asked for by a test of that command."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from packhouse.cli.actions.pages.refusals import codes
from packhouse.kernel import commands
from packhouse.kernel.commands import Command
from packhouse.kernel.errors import InvalidParameter, MissingParameter, PackhouseError

TESTS = Path(__file__).resolve().parents[1]
# Parameters left out and of a wrong type are tried on every command there is.
GENERATED = {InvalidParameter.code, MissingParameter.code}
ELSEWHERE = {"despatch_missing": TESTS / "integrations" / "invoicing" / "test_despatch.py"}
EACH = [
    pytest.param(command, code, id=f"{command.name}-{code}")
    for command in commands.registered()
    if command.on in ("package", "transfer")
    for code in codes(command)
    if code not in GENERATED
]


def errors_with(code: str, error: type[PackhouseError] = PackhouseError) -> Iterator[str]:
    for child in error.__subclasses__():
        if child.code == code:
            yield child.__name__
        yield from errors_with(code, child)


def asked_for(file: Path) -> set[str]:
    """The names of errors that the file hands to `refuse` or `pytest.raises`, or keeps in a table of refusals."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    names = {part for call in calls for argument in call.args for part in ast.walk(argument)}
    return {
        name.id if isinstance(name, ast.Name) else name.attr
        for name in names
        if isinstance(name, ast.Name | ast.Attribute)
    }


@pytest.mark.parametrize(("command", "code"), EACH)
def test_a_refusal_that_is_told_is_tried(command: Command, code: str) -> None:
    name = command.body.__module__.rpartition(".")[2]
    (own,) = TESTS.glob(f"commands/*/test_{name}.py")

    assert asked_for(ELSEWHERE.get(code, own)).intersection(errors_with(code))


def test_there_is_much_to_try() -> None:
    assert len(EACH) > 30
