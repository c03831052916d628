"""`packhouse states`."""

import pytest

from packhouse.cli.actions import states
from packhouse.kernel import version
from packhouse.kernel.models import Transition

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


def test_one_kind_alone(capsys: pytest.CaptureFixture[str]) -> None:
    states.draw("dot", "transfer", defaults=True)

    assert "Ready for packaging" not in capsys.readouterr().out


def test_what_is_odd_is_printed_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert states.lint() == 0
    Transition.objects.filter(slug="transfer-delivered").update(is_active=False)
    version.raise_version()

    assert states.lint() == 1

    assert "transfer dead_end: IN_TRANSIT is open" in capsys.readouterr().out
