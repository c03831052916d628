"""Editing twice: an object's `ETag`, and `If-Match` that must still fit when it is changed."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.json_text import dumps
from packhouse.api.refusals import PreconditionFailed


def etag_of(document: Any) -> str:
    """Changes whenever the document does."""
    return f'"{hashlib.sha256(dumps(document).encode()).hexdigest()[:32]}"'


def answer(document: Any, status: int = 200) -> Response:
    """The document with its ETag."""
    return Response(document, status=status, headers={"ETag": etag_of(document)})


def check(request: Request, document: Any) -> None:
    """Call it with the object as it stands under the lock. Raises PreconditionFailed."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    wanted = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    if etag_of(document) not in wanted:
        raise PreconditionFailed(_("This has been changed since you read it; read it again."))
