"""What is odd about installed transitions."""

from typing import Any

import pytest

from packhouse.commands.installation import DEFAULTS
from packhouse.commands.transition_lint import LintedRow, MachineWarning, lint, lint_rows
from packhouse.kernel.models import State, Transition
from packhouse.packages.states import PackageStatus


def the_default_rows() -> list[LintedRow]:
    return [
        LintedRow(
            kind="package" if isinstance(default.source, PackageStatus) else "transfer",
            slug=default.slug,
            command=default.command,
            source=default.source.name,
            target=default.target.name if default.target else None,
            names={"en": default.name_en, "tr": default.name_tr},
        )
        for default in DEFAULTS
    ]


def a_row(**changes: Any) -> LintedRow:
    row: dict[str, Any] = {
        "kind": "package",
        "slug": "pack",
        "command": "CompletePackagingCommand",
        "source": "WAITING",
        "target": "PACKED",
        "names": {"en": "Pack", "tr": "Paketle"},
    }
    return LintedRow(**{**row, **changes})


def found(rows: list[LintedRow], code: str) -> list[MachineWarning]:
    return [warning for warning in lint_rows(rows) if warning.code == code]


def test_nothing_is_odd_about_the_default_machine() -> None:
    assert lint_rows(the_default_rows()) == []


@pytest.mark.django_db
def test_nothing_is_odd_about_what_is_seeded() -> None:
    assert lint() == []


def test_an_open_state_without_a_way_out() -> None:
    rows = [row for row in the_default_rows() if row.source != "SHIPPED"]

    (warning,) = found(rows, "dead_end")

    assert (warning.kind, warning.state) == ("package", "SHIPPED")
    assert "SHIPPED" in warning.detail


def test_a_state_from_which_rows_start_and_to_which_none_leads() -> None:
    rows = [row for row in the_default_rows() if row.target != "READY_FOR_PACKAGING"]

    assert [warning.state for warning in found(rows, "unreachable")] == ["READY_FOR_PACKAGING"]


def test_waiting_for_a_label_is_for_those_who_install_it() -> None:
    rows = the_default_rows()
    waits = a_row(slug="pack-and-wait", target="WAITING_CARGO_LABEL")
    without_way_out = [row for row in rows if row.source != "WAITING_CARGO_LABEL"]

    assert found(rows, "unreachable") == []
    assert lint_rows([*rows, waits]) == []
    assert [warning.state for warning in found([*without_way_out, waits], "dead_end")] == [
        "WAITING_CARGO_LABEL"
    ]


@pytest.mark.parametrize(
    ("slugs", "told"),
    [
        (("pack", "pack"), ["pack", "pack"]),
        (("pack", "Pack"), ["pack", "Pack"]),
        (("pack", "unpack"), []),
        (("pack", "PKG_DEALLOCATE_RESERVATIONS"), ["PKG_DEALLOCATE_RESERVATIONS"]),
        (("pack", "CompletePackagingCommand"), []),
    ],
)
def test_slugs_taken_for_one_another_or_for_a_command(slugs: tuple[str, str], told: list[str]) -> None:
    rows = [a_row(slug=slug) for slug in slugs]

    assert [warning.slug for warning in found(rows, "duplicate_slug")] == told


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "SHIPPED"},
        {"target": None},
        {"command": "NoSuchCommand"},
        {"command": "MarkStaleWaitingCommand", "target": "STALE_WAITING"},
        {"command": "ReschedulePackageCommand", "target": "CANCELLED"},
    ],
)
def test_a_move_that_the_command_does_not_declare(changes: dict[str, Any]) -> None:
    (warning,) = found([a_row(**changes)], "undeclared_move")

    assert warning.slug == "pack"
    assert changes.get("command", "CompletePackagingCommand") in warning.detail


@pytest.mark.parametrize(
    ("names", "missing"), [({"en": "Pack"}, "tr"), ({}, "en, tr"), ({"en": "", "tr": "x"}, "en")]
)
def test_a_missing_translation(names: dict[str, str], missing: str) -> None:
    (warning,) = found([a_row(names=names)], "missing_translation")

    assert (warning.slug, warning.more) == ("pack", missing)


@pytest.mark.django_db
def test_rows_in_the_database_are_linted_as_they_stand() -> None:
    ship = Transition.objects.get(slug="ship-the-package")
    Transition.objects.filter(pk=ship.pk).update(command="NoSuchCommand", name={"en": "Ship"})
    packed = State.objects.get(enum_class="PackageStatus", enum_value="500")
    State.objects.filter(pk=packed.pk).update(translations={"en-us": {"name": "Packed"}})

    told = {(warning.code, warning.slug or warning.state) for warning in lint()}

    assert told == {
        ("undeclared_move", "ship-the-package"),
        ("missing_translation", "ship-the-package"),
        ("missing_state_translation", "PACKED"),
    }
