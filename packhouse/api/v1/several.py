"""Several objects named in one address: `id__in=1,2,3`, or the oldest `limit` of a place."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import InvalidParameter, MissingParameter, PermissionDenied
from packhouse.locations.models import StockLocation

MOST: Final = 200
LONGEST_ID: Final = 18
IDS: Final = "id__in"

ids_parameter = OpenApiParameter(IDS, description=f"1 to {MOST} ids with commas between")
limit_parameter = OpenApiParameter(
    "limit", OpenApiTypes.INT, description=f"how many of the place at most, the oldest; 1 to {MOST}"
)


def ids_of(request: Request) -> list[int]:
    """The ids of `id__in`, each once, in the order given. Raises MissingParameter, InvalidParameter."""
    given = text_of(request, IDS)
    if given is None:
        raise MissingParameter({IDS: [_("Send 1 to %(count)s ids with commas between.") % {"count": MOST}]})
    parts = [part.strip() for part in given.split(",")]
    if len(parts) > MOST:
        raise InvalidParameter({IDS: [_("Send at most %(count)s values.") % {"count": MOST}]})
    return list(dict.fromkeys(_id(part, IDS) for part in parts))


def place_of(request: Request, name: str, actor: Actor) -> int:
    """The id of the location that this parameter names. Raises InvalidParameter, PermissionDenied."""
    found = _id(text_of(request, name) or "", name)
    if not StockLocation.objects.filter(pk=found).exists():
        raise InvalidParameter({name: [_("Unknown: %(ids)s.") % {"ids": found}]})
    if actor.location_ids is not None and found not in actor.location_ids:
        raise PermissionDenied(_("This belongs to another location or channel."))
    return found


def limit_of(request: Request) -> int:
    """How many at most, 1 to `MOST`. Raises InvalidParameter."""
    given = text_of(request, "limit")
    if given is None:
        return MOST
    text = _("Send a whole number from 1 to %(count)s.") % {"count": MOST}
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_ID and 1 <= int(given) <= MOST):
        raise InvalidParameter({"limit": [text]})
    return int(given)


def text_of(request: Request, name: str) -> str | None:
    """A parameter's text; None where it was not sent. Raises InvalidParameter for one sent twice."""
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise InvalidParameter({name: [_("Send this parameter once.")]})
    return values[0] if values else None


def check_all(visible: QuerySet[Any], every: QuerySet[Any], ids: Iterable[int]) -> None:
    """Raises InvalidParameter for ids that do not exist, PermissionDenied for others' rows; all are told."""
    wanted = set(ids)
    refuse_missing(
        wanted - set(every.filter(pk__in=wanted).values_list("pk", flat=True)), _("Unknown: %(ids)s.")
    )
    foreign = wanted - set(visible.filter(pk__in=wanted).values_list("pk", flat=True))
    if foreign:
        text = _("These belong to another location or channel: %(ids)s.")
        raise PermissionDenied({IDS: [text % {"ids": _listed(foreign)}]})


def refuse_missing(ids: Iterable[int], text: str) -> None:
    """Raises InvalidParameter with this text (`%(ids)s`) where there are any."""
    if found := _listed(ids):
        raise InvalidParameter({IDS: [text % {"ids": found}]})


def reader_language() -> str:
    """tr or en: what staff is shown is in the language of who reads it."""
    return "tr" if (get_language() or "").startswith("tr") else "en"


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(str(each) for each in sorted(ids))


def _id(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise InvalidParameter({name: [_("Send an id, a whole number.")]})
    return int(text)
