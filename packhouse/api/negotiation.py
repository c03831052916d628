"""Which form an answer takes: `format=` beats `Accept`; what is not offered is 406."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from packhouse.api.refusals import NotAcceptable


class Negotiation(DefaultContentNegotiation):
    """Renderers stand in the view's order of preference, JSON first."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Raises NotAcceptable."""
        offered = list(renderers)
        http = request._request  # noqa: SLF001 - on every request, and far slower through its wrapper
        wanted = http.GET.get("format")
        if wanted is not None:
            return self._by_format(offered, wanted)
        accept = http.META.get("HTTP_ACCEPT", "")
        if accept in ("", "*/*", offered[0].media_type):
            return offered[0], str(offered[0].media_type)
        for media_type in preferences(accept):
            for renderer in offered:
                if _matches(str(renderer.media_type), media_type):
                    return renderer, str(renderer.media_type)
        raise NotAcceptable(_refusal(offered))

    @staticmethod
    def _by_format(offered: Sequence[BaseRenderer], wanted: str) -> tuple[BaseRenderer, str]:
        for renderer in offered:
            if renderer.format == wanted:
                return renderer, str(renderer.media_type)
        raise NotAcceptable(_refusal(offered))


def _refusal(offered: Sequence[BaseRenderer]) -> dict[str, Any]:
    formats = ", ".join(str(renderer.format) for renderer in offered)
    return {"detail": [_("This address answers in: %(formats)s.") % {"formats": formats}]}


def preferences(accept: str) -> list[str]:
    """The parts of an `Accept` or `Accept-Language` header, the most wanted first; `q=0` leaves one out."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept.split(",")):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if weight > 0:
            ranked.append((-weight, position, media_type))
    return [media_type for _weight, _position, media_type in sorted(ranked)]


def _matches(offered: str, wanted: str) -> bool:
    if wanted == "*/*":
        return True
    offered = offered.partition(";")[0]
    return wanted == offered or (wanted.endswith("/*") and offered.startswith(wanted[:-1]))
