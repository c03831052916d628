"""The generated pages follow the code."""

from pathlib import Path

from packhouse.cli.actions import pages
from packhouse.cli.actions.pages import write
from packhouse.cli.actions.pages.shapes import properties
from packhouse.kernel.commands import registered
from packhouse.kernel.settings_keys import KEYS


def test_pages_name_everything_there_is(tmp_path: Path) -> None:
    assert write(tmp_path, only_check=False) == list(pages.PAGES)

    settings, commands, errors = (
        (tmp_path / name).read_text() for name in ("settings.md", "commands.md", "errors.md")
    )
    assert all(f"## {key}\n" in settings for key in KEYS)
    assert all(f"## {command.name}\n" in commands for command in registered())
    assert "| `wrong_state` | 400 | The present state is not a source of the transition. |" in errors
    assert "*secret*" in settings


def page(name: str) -> str:
    """The text of a page as it would be written."""
    return str(pages.PAGES[name]())


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next."""
    return page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def test_a_command_is_told_with_moves_parameters_effects_refusals_and_events() -> None:
    text = section(page("commands.md"), "CancelPackageCommand")

    assert "A registered shipment is deleted at the carrier first" in text
    assert "PACKED, NEEDS_RESCHEDULING" in text
    assert "must hold: Each item is of this package, once, with no more than its quantity." in text
    assert "refuses with: `carrier_refused`, `foreign_item`, `invalid_parameter`, `missing_parameter`" in text
    assert "events: shipment.cancelled, package.created" in text
    assert "| `package_items[].quantity` |" in text
    assert "| `replan` | true or false |  | `false` | Keep the customer's units" in text
    assert '```json\n{"slug": "cancel"' in text


def test_every_parameter_has_a_meaning() -> None:
    silent = [
        f"{command.name} {path}"
        for command in registered()
        for path, each, _required in properties(
            command.params.model_json_schema(), command.params.model_json_schema().get("$defs", {})
        )
        if not each.get("description") and path.rpartition(".")[2] not in ("item", "discrepancy_reason")
    ]

    assert silent == []


def test_every_error_code_has_a_meaning() -> None:
    rows = [line.split(" | ") for line in page("errors.md").splitlines() if line.startswith("| `")]

    assert len(rows) > 50
    assert [row[0] for row in rows if not row[2].strip(" |")] == []


def test_states_are_drawn_with_their_transitions() -> None:
    states = page("states.md")

    assert states.count("```mermaid\nstateDiagram-v2\n") == 2
    assert "| PACKED | `500` | Packed | released | no | yes | 450 preparing |" in states
    assert (
        "| `ship-the-package` | Ship | [ShipThePackageCommand](commands.md#shipthepackagecommand) | PACKED | SHIPPED |"
        in states
    )
    assert "| CANCELED | `100` |" in section(states, "Order and order item")


def test_a_page_that_no_longer_fits_is_found_and_left_alone_by_a_check(tmp_path: Path) -> None:
    write(tmp_path, only_check=False)
    (tmp_path / "errors.md").write_text("old")

    assert write(tmp_path, only_check=True) == ["errors.md"]
    assert (tmp_path / "errors.md").read_text() == "old"
    assert write(tmp_path, only_check=False) == ["errors.md"]
    assert write(tmp_path, only_check=True) == []
