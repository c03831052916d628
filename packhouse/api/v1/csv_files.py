"""CSV files that are sent: as the body itself, or as the one file of a form."""

from collections.abc import Mapping
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from packhouse.kernel.errors import InvalidParameter

FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
DRY_RUN: Final = OpenApiParameter(
    "dry_run", OpenApiTypes.BOOL, description="the same answer, and nothing is written"
)
CSV_BODY: Final[dict[str, Any]] = {
    "text/csv": {"type": "string"},
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
    },
}


class CSVParser(BaseParser):
    """The bytes of the file."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return stream.read()


def sent_file(request: Request) -> bytes:
    """The content of the file. Raises InvalidParameter (`file`)."""
    body = request.data
    if isinstance(body, bytes):
        return body
    files = [file for _name, several in request.FILES.lists() for file in several]
    if len(files) != 1:
        raise InvalidParameter({"file": [_("Send one file.")]})
    content: bytes = files[0].read()
    return content


def flag(request: Request, name: str, *, default: bool) -> bool:
    """A parameter of the address. Raises InvalidParameter."""
    given = request.GET.get(name)
    if given is None:
        return default
    if given.lower() not in FLAGS:
        raise InvalidParameter({name: [_("Send true or false.")]})
    return FLAGS[given.lower()]
