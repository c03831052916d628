"""Changing one object: locked, `If-Match` checked, validated, saved, answered with its new document."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import etags
from packhouse.api.lists import DocumentDetailView
from packhouse.kernel.errors import NotFound

READ_AND_PATCH = ["get", "head", "options", "patch"]
"""`http_method_names` of an object of which parts may be changed, but not the whole."""


class EditableView(DocumentDetailView):
    """GET with an ETag, PUT and PATCH; see `READ_AND_PATCH` for PATCH alone."""

    def get(self, request: Request, id: int, **_kwargs: Any) -> Response:
        return etags.answer(self.document(request, id))

    def put(self, request: Request, id: int, **_kwargs: Any) -> Response:
        return self.change(request, id, partial=False)

    def patch(self, request: Request, id: int, **_kwargs: Any) -> Response:
        return self.change(request, id, partial=True)

    def change(self, request: Request, id: int, *, partial: bool) -> Response:
        """Raises ValidationError, PreconditionFailed, NotFound, PermissionDenied; then nothing has changed."""
        self.check_visible(id)
        with transaction.atomic():
            row = self.locked(request, id)
            serializer = self.bound(request, row, partial=partial)
            serializer.is_valid(raise_exception=True)
            self.save(serializer)
        return etags.answer(self.document(request, id))

    def bound(self, request: Request, row: Any, *, partial: bool) -> Any:
        """The serializer of a change, with the row and what was sent."""
        return self.get_serializer(row, data=request.data, partial=partial)

    def locked(self, request: Request, id: int) -> Any:
        """The row under its lock. Raises NotFound, PreconditionFailed."""
        row = self.rows.model._default_manager.select_for_update().filter(pk=id).first()  # noqa: SLF001
        if row is None:
            raise NotFound(_("There is no %(kind)s %(id)s.") % {"kind": self.kind, "id": id})
        if "If-Match" in request.headers:
            etags.check(request, self.document(request, id))
        return row

    def save(self, serializer: Any) -> None:
        """Write the change; part of the transaction that holds the lock."""
        serializer.save()
