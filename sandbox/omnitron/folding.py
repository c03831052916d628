"""Comparing names the Turkish way: I, ı, İ and i are one letter, accents and case do not count."""

from __future__ import annotations

import unicodedata

_I_LETTERS = str.maketrans({"I": "i", "ı": "i", "İ": "i"})


def fold(text: str) -> str:
    """`fold("ISPARTA") == fold("ısparta") == fold("Isparta")`, `fold("ÇANKAYA") == fold("cankaya")`."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_I_LETTERS))
    return "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()
