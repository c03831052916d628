"""What is true in a state is written on the state, so that no command repeats it.

A noun lists its states as a `StateEnum`; the value is the wire's `enum_value`, always a string.
Rows of `State` are the installation's own names for them.
"""

from enum import Enum
from typing import Self


class Quota(Enum):
    """What a state does to the unit of its location's quota that a package holds (page 10)."""

    HOLDS = "holds"  # takes a unit on entering, unless it has one
    KEEPS = "keeps"  # leaves it as it is
    RELEASED = "released"  # gives it back on entering


class StateEnum(str, Enum):  # noqa: UP042 - StrEnum would fix the value to one argument
    """Base of all state enumerations. The value is the wire value; names are in English and Turkish."""

    name_en: str
    name_tr: str
    quota: Quota
    reserves: bool
    open: bool

    def __new__(
        cls,
        value: str,
        name_en: str = "",
        name_tr: str = "",
        quota: Quota = Quota.KEEPS,
        reserves: bool = False,
        open: bool = True,
    ) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.name_en, member.name_tr = name_en, name_tr
        member.quota, member.reserves, member.open = quota, reserves, open
        return member

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Pairs for a Django field."""
        return [(member.value, member.name_en) for member in cls]

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]
