"""The generated pages follow the code."""

from pathlib import Path

from packhouse.cli.actions.pages import PAGES, write
from packhouse.kernel.commands import registered
from packhouse.kernel.settings_keys import KEYS


def test_pages_name_everything_there_is(tmp_path: Path) -> None:
    assert write(tmp_path, only_check=False) == list(PAGES)

    settings, commands, errors = (
        (tmp_path / name).read_text() for name in ("settings.md", "commands.md", "errors.md")
    )
    assert all(f"## {key}\n" in settings for key in KEYS)
    assert all(f"## {command.name}\n" in commands for command in registered())
    assert "| `wrong_state` | 400 | The present state is not a source of the transition. |" in errors
    assert "*secret*" in settings


def test_a_page_that_no_longer_fits_is_found_and_left_alone_by_a_check(tmp_path: Path) -> None:
    write(tmp_path, only_check=False)
    (tmp_path / "errors.md").write_text("old")

    assert write(tmp_path, only_check=True) == ["errors.md"]
    assert (tmp_path / "errors.md").read_text() == "old"
    assert write(tmp_path, only_check=False) == ["errors.md"]
    assert write(tmp_path, only_check=True) == []
