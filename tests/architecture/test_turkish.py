"""Every text that is marked for translation has a Turkish one, and the compiled file holds it."""

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from string import Formatter

import pytest
from django.utils import translation

from tests.architecture.house import REPOSITORY, Source, sources

FOLDER = REPOSITORY / "packhouse" / "locale" / "tr" / "LC_MESSAGES"
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', re.MULTILINE)
PYTHON_FORMAT = re.compile(r"%(?:\(\w+\))?[a-z]")
HOW = (
    "Put it into packhouse/locale/tr/LC_MESSAGES/django.po, then compile it there: "
    "msgfmt --output-file=django.mo django.po"
)


def marked() -> Iterator[tuple[str, ast.expr]]:
    """Where texts are marked, and what is marked there."""
    for source in sources("packhouse", "config"):
        names = markers(source)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{source.path}:{node.lineno}", node.args[0]


def markers(source: Source) -> set[str]:
    """What this file calls gettext, or one of its kind."""
    return {
        name.asname or name.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if "gettext" in name.name
    }


def texts() -> dict[str, str]:
    """Each marked text, and where it stands."""
    return {str(node.value): where for where, node in marked() if isinstance(node, ast.Constant)}


def written() -> dict[str, str]:
    """What the readable file says."""
    found = ENTRY.findall((FOLDER / "django.po").read_text(encoding="utf-8"))
    return {
        str(ast.literal_eval(f"({original})")): str(ast.literal_eval(f"({turkish})"))
        for original, turkish in found
    }


def places(text: str) -> list[str]:
    """What is filled in, in either of the two ways."""
    named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    return sorted(named + PYTHON_FORMAT.findall(text))


def test_what_is_marked_is_a_plain_text() -> None:
    """Of an f-string nobody could look up a translation."""
    assert [where for where, node in marked() if not isinstance(node, ast.Constant)] == []


def test_every_text_is_translated() -> None:
    with translation.override("tr"):
        missing = {text: where for text, where in texts().items() if translation.gettext(text) == text}

    assert len(texts()) > 100
    assert missing == {}, HOW


def test_a_translation_fills_in_what_the_text_fills_in() -> None:
    wrong = {text: turkish for text, turkish in written().items() if places(text) != places(turkish)}

    assert wrong == {}


def test_nothing_is_kept_that_is_no_longer_said() -> None:
    assert written().keys() - texts().keys() == {""}


def test_the_compiled_file_is_that_of_the_readable_one() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    expected = {text: turkish for text, turkish in written().items() if text}

    assert {text: compiled.gettext(text) for text in expected} == expected, HOW


@pytest.mark.parametrize(
    ("text", "filled"),
    [("100 %", []), ("%(a)s of {b}", ["%(a)s", "b"]), ("%s, %d", ["%d", "%s"])],
)
def test_places_are_found(text: str, filled: list[str]) -> None:
    assert places(text) == filled
