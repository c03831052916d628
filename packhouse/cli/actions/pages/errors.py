"""docs/errors.md: every public error code."""

import importlib
import pkgutil
from collections.abc import Iterator

import packhouse
from packhouse.cli.actions.pages.markdown import document, first_paragraph, table
from packhouse.kernel.errors import PackhouseError

_INTRODUCTION = (
    "Every answer from 400 up carries a `code` of this list. Texts follow `Accept-Language`, codes do not. What is "
    "wrong with a field stands under the field's path, what no field can be blamed for under `detail`. A refused "
    "request has changed nothing."
)
_SKIPPED = ("cli", "migrations")


def page() -> str:
    load_everything()
    errors = sorted(set(_subclasses(PackhouseError)), key=_order)
    rows = [[f"`{each.code}`", str(each.status), first_paragraph(each)] for each in errors]
    return document("Errors", _INTRODUCTION, [table(["code", "status", "meaning"], _once(rows))])


def _order(error: type[PackhouseError]) -> tuple[str, int, bool, str]:
    """Of several classes with a code, the one that brought it in tells what it means."""
    return error.code, error.status, "code" not in error.__dict__, error.__name__


def load_everything() -> None:
    """Import every module, so that every error class is known."""
    for module in pkgutil.walk_packages(packhouse.__path__, f"{packhouse.__name__}."):
        if not set(_SKIPPED) & set(module.name.split(".")):
            importlib.import_module(module.name)


def _subclasses(parent: type[PackhouseError]) -> Iterator[type[PackhouseError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _subclasses(child)


def _once(rows: list[list[str]]) -> list[list[str]]:
    """One row per code and status; the first text that says something."""
    told: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        known = told.setdefault((row[0], row[1]), row)
        if not known[2]:
            told[row[0], row[1]] = row
    return list(told.values())
