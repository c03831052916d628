"""`--help` teaches, and answers without a database."""

import pytest
from click.testing import CliRunner

from packhouse.cli import COMMANDS, main


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def test_the_overview_names_every_command_with_what_it_does() -> None:
    code, text = invoke("--help")

    assert code == 0
    words = " ".join(text.split())
    for name, (_section, summary) in COMMANDS.items():
        assert name in words
        assert summary in words


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_each_of_its_options(name: str) -> None:
    command = main.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    code, text = invoke(name, "--help")

    assert code == 0
    assert len((command.help or "").split()) > 15
    silent = [
        option.name for option in command.params if option.param_type_name == "option" and not option.help
    ]
    assert silent == []
    assert "Usage: main " + name in text


def test_a_command_that_does_not_exist_is_refused() -> None:
    code, text = invoke("pack")

    assert code == 2
    assert "No such command 'pack'" in text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("setup",), "Name steps, or say --all"),
        (("plan",), "Name orders, or say --all"),
        (("run", "--describe", "x.json"), "use it with --demo"),
        (("web", "--port", "70000"), "70000 is not in the range"),
        (("import-orders", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(arguments: tuple[str, ...], text: str) -> None:
    code, output = invoke(*arguments)

    assert code == 2
    assert text in " ".join(output.split())
