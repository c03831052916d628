"""The generated pages of the documentation, each made from the code by a function without arguments."""

from collections.abc import Callable, Mapping
from pathlib import Path

from packhouse.cli.actions.pages import commands, errors, settings, states

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "errors.md": errors.page,
    "settings.md": settings.page,
    "states.md": states.page,
}


def write(folder: Path, *, only_check: bool) -> list[str]:
    """Write the pages that differ from what the code says (or only name them); their names."""
    stale = []
    for name, page in PAGES.items():
        path, text = folder / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not only_check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return stale
