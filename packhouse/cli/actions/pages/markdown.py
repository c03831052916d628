"""Small pieces of Markdown."""

import inspect
import json
from collections.abc import Iterable, Sequence
from typing import Any

GENERATED = "<!-- Written by `make docs` from the code; do not edit. -->"


def document(title: str, introduction: str, blocks: Iterable[str]) -> str:
    """A whole page."""
    return "\n\n".join([f"# {title}", GENERATED, introduction, *blocks]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def cell(text: str) -> str:
    """One line, without what would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(value: Any) -> str:
    """A JSON value as inline code."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def first_paragraph(documented: Any) -> str:
    """What the docstring says first; empty without one of its own."""
    own = documented.__dict__.get("__doc__") if isinstance(documented, type) else documented.__doc__
    return " ".join(inspect.cleandoc(own).split("\n\n")[0].split()) if own else ""
