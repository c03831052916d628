"""`packhouse states`."""

import click
import pytest

from packhouse.cli.actions import states
from packhouse.commands.machine_graph.graph import installed
from packhouse.kernel import version
from packhouse.kernel.models import State, StateTransitionLog, Transition

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("defaults", [True, False])
@pytest.mark.parametrize(
    ("form", "begins"), [("mermaid", "stateDiagram-v2"), ("dot", "digraph"), ("svg", "<svg"), ("json", "{")]
)
def test_the_machine_is_drawn(
    capsys: pytest.CaptureFixture[str], form: str, begins: str, defaults: bool
) -> None:
    states.draw(form, None, defaults=defaults)

    text = capsys.readouterr().out
    assert text.startswith(begins)
    assert "Ready for packaging" in text
    assert "Transfer complete" in text


@pytest.fixture
def _nothing_installed() -> None:
    Transition.objects.all().delete()
    StateTransitionLog.objects.all().delete()
    State.objects.all().delete()
    version.raise_version()
    version.forget()


@pytest.mark.usefixtures("_nothing_installed")
def test_before_the_setup_it_says_what_is_missing() -> None:
    with pytest.raises(click.ClickException, match="packhouse setup transitions"):
        states.draw("dot", None, defaults=False)

    assert all(node.name for node in installed("package").nodes)


def test_one_kind_alone(capsys: pytest.CaptureFixture[str]) -> None:
    states.draw("dot", "transfer", defaults=True)

    assert "Ready for packaging" not in capsys.readouterr().out


def test_what_is_odd_is_printed_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert states.lint() == 0
    Transition.objects.filter(slug="transfer-delivered").update(is_active=False)
    version.raise_version()

    assert states.lint() == 1

    assert "transfer dead_end: IN_TRANSIT is open" in capsys.readouterr().out
