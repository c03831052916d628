"""What mends the entries of the exceptions list: a way to try again, or a word on why there is none.

Whoever reports a kind of exception also says here what mends it; `config/wiring.py` collects them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from packhouse.kernel import exceptions
from packhouse.kernel.errors import NotFound, TransitionRefused
from packhouse.kernel.models import ExceptionEntry

TryAgain = Callable[[ExceptionEntry], Any]


@dataclass(frozen=True)
class Remedy:
    """`try_again` starts the work once more, in a transaction; None: `advice` says what a person does instead.

    `settles`: the entry is closed by trying, and opened again by the next failure. Others are closed by the
    work itself, once it went well.
    """

    advice: Any = ""
    try_again: TryAgain | None = None
    settles: bool = False


_UNKNOWN: Final = Remedy(
    gettext_lazy("Nothing here can mend this by itself: read the message, and mark it as resolved.")
)
_known: dict[str, Remedy] = {}


def know(remedies: Mapping[str, Remedy]) -> None:
    """Make the remedies of some kinds known; done twice it does nothing more."""
    _known.update(remedies)


def kinds() -> frozenset[str]:
    """The kinds whose remedy is known."""
    return frozenset(_known)


def remedy_of(kind: str) -> Remedy:
    return _known.get(kind, _UNKNOWN)


def id_in(entry: ExceptionEntry) -> int:
    """The id in a subject: 501 of `package/501`. Raises TransitionRefused where there is none."""
    key = entry.subject.rpartition("/")[2]
    if not (key.isascii() and key.isdigit()):
        raise TransitionRefused({"subject": [_("This entry names nothing that could be tried again.")]})
    return int(key)


def named_in(entry: ExceptionEntry, name: str) -> int:
    """An id in the entry's detail. Raises TransitionRefused where there is none."""
    value = entry.detail.get(name)
    if not isinstance(value, int):
        raise TransitionRefused({"detail": [_("This entry names nothing that could be tried again.")]})
    return value


@transaction.atomic
def try_again(entry_id: int, *, user_id: int | None = None) -> None:
    """Start the work of an entry once more. Raises NotFound; TransitionRefused for what is closed already, or
    cannot be tried again, with the reason."""
    entry = _open(entry_id)
    remedy = remedy_of(entry.kind)
    if remedy.try_again is None:
        raise TransitionRefused({"kind": [str(remedy.advice)]})
    remedy.try_again(entry)
    if remedy.settles:
        exceptions.resolve(entry.kind, entry.subject, user_id=user_id)


@transaction.atomic
def close(entry_id: int, *, user_id: int | None = None) -> None:
    """A person has dealt with it. Raises NotFound, TransitionRefused."""
    entry = _open(entry_id)
    exceptions.resolve(entry.kind, entry.subject, user_id=user_id)


def _open(entry_id: int) -> ExceptionEntry:
    entry = ExceptionEntry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(_("There is no exception %(id)s.") % {"id": entry_id})
    if entry.resolved_date is not None:
        raise TransitionRefused(_("This was resolved already."))
    return entry
