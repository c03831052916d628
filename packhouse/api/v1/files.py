"""Answers that are files: labels and documents, as they were received or drawn."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from packhouse.api import filters
from packhouse.api.json_text import JSONRenderer
from packhouse.api.refusals import NotAcceptable
from packhouse.api.views import ApiView

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "zpl": "application/zpl",
    "xml": "application/xml",
    "html": "text/html; charset=utf-8",
}
# A document may hold anything the invoice service sent; a browser must not run it as one of our pages.
_SAFETY = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}


class FileView(ApiView):
    """GET of one file: it has its own type, whatever `Accept` says; errors are JSON. `parameters`: its own."""

    access = "aosi"
    parameters: tuple[str, ...] = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        if request.method == "GET" and not force:  # forced: for the answer to an error
            if "format" in request.GET:
                raise NotAcceptable(_("A file comes as it is; there is no format to choose."))
            filters.check_only(request.GET, *self.parameters)
        return JSONRenderer(), JSONRenderer.media_type


def file_answer(content: Any, file_format: str, name: str) -> HttpResponse:
    """The bytes, to be shown in place, under `name.<format>` when saved."""
    response = HttpResponse(
        bytes(content), content_type=MEDIA_TYPES.get(file_format, "application/octet-stream")
    )
    response["Content-Disposition"] = f'inline; filename="{name}.{file_format}"'
    for header, value in _SAFETY.items():
        response[header] = value
    return response
