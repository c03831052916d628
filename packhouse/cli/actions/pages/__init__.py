"""The generated pages of the documentation, each made from the code by a function without arguments."""

from collections.abc import Callable, Mapping
from pathlib import Path

from packhouse.cli.actions.pages import commands, errors, settings, states
from packhouse.integrations.carriers import label_sample

PAGES: Mapping[str, Callable[[], str | bytes]] = {
    "commands.md": commands.page,
    "errors.md": errors.page,
    "label.pdf": label_sample.pdf,
    "label.zpl": label_sample.zpl,
    "settings.md": settings.page,
    "states.md": states.page,
}


def write(folder: Path, *, only_check: bool) -> list[str]:
    """Write the pages that differ from what the code says (or only name them); their names."""
    stale = []
    for name, page in PAGES.items():
        path, made = folder / name, page()
        content = made.encode() if isinstance(made, str) else made
        if not path.exists() or path.read_bytes() != content:
            stale.append(name)
            if not only_check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    return stale
