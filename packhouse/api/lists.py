"""Lists and details of objects whose documents are built by one set-based function.

A list view says which rows there are, how they are filtered and sorted, and what makes documents of ids;
pages, formats, rights and OPTIONS come from here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from packhouse.api import filters, formats, pagination, permissions, sorting, throttling
from packhouse.api.auth import actor_of
from packhouse.api.filters import StrictFilterSet
from packhouse.api.json_text import JSONRenderer, dumps
from packhouse.api.pagination import Page
from packhouse.api.permissions import Access
from packhouse.api.views import ApiView
from packhouse.kernel.errors import NotFound, PermissionDenied

Document = Mapping[str, Any]


class DocumentView(ApiView):
    """What lists and details of one kind of object share.

    `rows`: all rows; `serializer_class` describes a document (for OPTIONS, the schema and the columns of
    exports) and builds it unless `documents` is overridden. `location_paths`, `channel_path`: see
    `permissions.visible`.
    """

    rows: ClassVar[QuerySet[Any]]
    serializer_class: ClassVar[type[BaseSerializer[Any]]]
    access: ClassVar[Access | None] = "aosi"
    location_paths: ClassVar[Sequence[str]] = ()
    channel_path: ClassVar[str | None] = None

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """The documents of these rows, in this order; a row that is gone is left out. A fixed number of
        statements, whatever the number of ids."""
        found: dict[int, Model] = self.rows.all().in_bulk(list(ids))
        rows = [found[pk] for pk in ids if pk in found]
        documents: Iterable[Document] = self.get_serializer(rows, many=True).data
        return documents

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the caller's locations and channels."""
        return permissions.visible(
            rows, actor_of(self.request), locations=self.location_paths, channel=self.channel_path
        )

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """For OPTIONS and the schema."""
        return self.serializer_class(*args, **kwargs)


class DocumentListView(DocumentView):
    """GET of a list. `sorts`: the model's field by public name, beside id and the dates."""

    filterset_class: ClassVar[type[StrictFilterSet]] = StrictFilterSet
    sorts: ClassVar[Mapping[str, str]] = {}
    default_sort: ClassVar[str] = sorting.DEFAULT
    page_size: ClassVar[int] = pagination.DEFAULT_SIZE
    page_maximum: ClassVar[int] = pagination.MAXIMUM_SIZE
    extra_formats: ClassVar[Sequence[type[BaseRenderer]]] = ()
    file_name: ClassVar[str] = "export"

    renderer_classes = (JSONRenderer,)

    def get_renderers(self) -> list[BaseRenderer]:
        offered: list[type[BaseRenderer]] = [JSONRenderer, *self.extra_formats]
        return [renderer() for renderer in offered]

    def get(self, request: Request, **_kwargs: Any) -> HttpResponseBase:
        """A page; or a file with all rows (with paging parameters: of one page)."""
        rows = self.selected(request)
        wanted = pagination.asked(request.GET, default=self.page_size, maximum=self.page_maximum)
        form = str(request.accepted_renderer.format)
        if form in formats.EXPORTED:
            ids = pagination.page_of(rows, wanted).ids if wanted.explicit else self.all_ids(rows)
            columns = formats.columns_of(self.get_serializer())
            return formats.export(form, self.file_name, columns, ids, self.documents)
        return self.paged(request, pagination.page_of(rows, wanted))

    def rate_kind(self, request: Request) -> throttling.Kind:
        return "bulk" if request.GET.get("format") in formats.EXPORTED else super().rate_kind(request)

    def selected(self, request: Request) -> QuerySet[Any]:
        """The caller's rows, filtered and sorted."""
        rows = filters.apply(self.filterset_class, request.GET, self.visible(self.rows.all()), request)
        allowed = {**self._standard_sorts(), **self.sorts}
        return rows.order_by(*sorting.ordering(request.GET.get("sort"), allowed, self.default_sort))

    def _standard_sorts(self) -> dict[str, str]:
        columns = {field.name for field in self.rows.model._meta.concrete_fields}  # noqa: SLF001
        return {name: field for name, field in sorting.STANDARD.items() if field in columns}

    def paged(self, request: Request, page: Page) -> Response:
        body = pagination.envelope(request._request, page, list(self.documents(page.ids)))  # noqa: SLF001
        return Response(body, headers={"X-Count-Estimated": "true"} if page.estimated else None)

    @staticmethod
    def all_ids(rows: QuerySet[Any]) -> list[int]:
        """Of all rows, up to one more than an export may have."""
        return list(rows.values_list("pk", flat=True)[: formats.MOST_ROWS + 1])


class SimpleListView(DocumentListView):
    """A `list-simple` for reporting tools: without paging parameters a bare array, streamed."""

    rate = "bulk"
    extra_formats = formats.EXPORTS

    def get(self, request: Request, **_kwargs: Any) -> HttpResponseBase:
        wanted = pagination.asked(request.GET, default=self.page_size, maximum=self.page_maximum)
        if wanted.explicit or request.accepted_renderer.format in formats.EXPORTED:
            return super().get(request)
        ids = list(self.selected(request).values_list("pk", flat=True))
        return StreamingHttpResponse(self._array(ids), content_type="application/json")

    def _array(self, ids: Sequence[int]) -> Iterator[bytes]:
        yield b"["
        for start in range(0, len(ids), formats.CHUNK):
            chunk = ids[start : start + formats.CHUNK]
            texts = ",".join(dumps(document) for document in self.documents(chunk))
            yield (f",{texts}" if start and texts else texts).encode()
        yield b"]"


class DocumentDetailView(DocumentView):
    """GET of one object: 404 where there is none, 403 where it is another location's or channel's."""

    def get(self, request: Request, id: int, **_kwargs: Any) -> HttpResponseBase:
        return Response(self.document(request, id))

    def document(self, request: Request, id: int) -> Document:
        """Raises NotFound, PermissionDenied."""
        self.check_visible(id)
        for document in self.documents([id]):
            return document
        raise NotFound(_("There is no %(kind)s %(id)s.") % {"kind": self.kind, "id": id})

    def check_visible(self, id: int) -> None:
        """Raises NotFound, PermissionDenied."""
        if self.visible(self.rows.filter(pk=id)).exists():
            return
        if self.rows.filter(pk=id).exists():
            raise PermissionDenied(_("This belongs to another location or channel."))
        raise NotFound(_("There is no %(kind)s %(id)s.") % {"kind": self.kind, "id": id})

    @property
    def kind(self) -> str:
        return str(self.rows.model._meta.verbose_name)  # noqa: SLF001
