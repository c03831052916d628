"""Pick lists and transfer sheets, of one or of several at once (page 80, 1.4)."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from packhouse.api.auth import actor_of
from packhouse.api.routes import route
from packhouse.api.v1 import several, visibility
from packhouse.api.v1.files import FileView, file_answer
from packhouse.commands.packages.pick_list import pick_sheets, to_be_picked
from packhouse.commands.transfers.transfer_sheet import TO_BE_SENT, transfer_sheets, with_goods
from packhouse.invoicing.models import Document as KeptDocument
from packhouse.invoicing.pages import PAPERS, Paper
from packhouse.invoicing.picking_pdf import pick_list_pdf, transfer_sheet_pdf
from packhouse.kernel.errors import InvalidParameter, NotFound
from packhouse.packages.models import Package
from packhouse.transfers.models import TransferOrder

PICK_LIST = "pick_list"
TRANSFER_SHEET = "transfer_sheet"
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}
paper_parameter = OpenApiParameter("paper", enum=list(PAPERS), description="of what is drawn here")


def paper_of(request: Request) -> Paper:
    """What it is printed on, A4 if nothing is said. Raises InvalidParameter."""
    given = request.GET.get("paper", PAPERS[0])
    for paper in PAPERS:
        if paper == given:
            return paper
    raise InvalidParameter({"paper": [_("Send one of: %(choices)s.") % {"choices": ", ".join(PAPERS)}]})


def pick_list(package_ids: Sequence[int], paper: Paper, name: str) -> HttpResponse:
    """The pick list of these packages. Raises NotFound where nothing is to be picked."""
    sheets = pick_sheets(package_ids, several.reader_language())
    if not sheets:
        raise NotFound(_("There is nothing to be picked now."))
    return file_answer(pick_list_pdf(sheets, paper), "pdf", name)


def _sheets(transfer_ids: Sequence[int], paper: Paper, name: str) -> HttpResponse:
    sheets = transfer_sheets(transfer_ids, several.reader_language())
    if not sheets:
        raise NotFound(_("There is nothing to be transferred."))
    return file_answer(transfer_sheet_pdf(sheets, paper), "pdf", name)


class PickListView(FileView):
    """What several packages need from the shelves, one list per location: a wave, equal goods in one line."""

    parameters = ("stock_location", several.IDS, "paper")
    rate = "bulk"

    @extend_schema(
        parameters=[
            OpenApiParameter("stock_location", OpenApiTypes.INT, description="what can be packed there"),
            several.limit_parameter,
            several.ids_parameter,
            paper_parameter,
        ],
        responses=PDF,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The packages that `id__in` names, or the oldest that can be packed at `stock_location`."""
        actor, paper = actor_of(request), paper_of(request)
        packages = visibility.own_packages(actor)
        if "stock_location" not in request.GET:
            ids = several.ids_of(request)
            several.check_all(packages, Package.objects.all(), ids)
            _check_each(to_be_picked(packages), ids, _("Nothing of these is to be picked now: %(ids)s."))
            return pick_list(ids, paper, PICK_LIST)
        _check_one_way(request, "stock_location")
        rows = to_be_picked(
            packages.filter(stock_location=several.place_of(request, "stock_location", actor))
        )
        return pick_list(_oldest(rows, several.limit_of(request)), paper, PICK_LIST)


class TransferSheetsView(FileView):
    """The sheets of several transfer orders as one file, each on a page of its own."""

    parameters = ("source", several.IDS, "paper")
    rate = "bulk"

    @extend_schema(
        parameters=[
            OpenApiParameter("source", OpenApiTypes.INT, description="what has not left that location yet"),
            several.limit_parameter,
            several.ids_parameter,
            paper_parameter,
        ],
        responses=PDF,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The transfer orders that `id__in` names, or the oldest that have not left `source` yet."""
        actor, paper, every = actor_of(request), paper_of(request), TransferOrder.objects.all()
        transfers = visibility.own(every, actor, visibility.TRANSFER)
        if "source" not in request.GET:
            ids = several.ids_of(request)
            several.check_all(transfers, every, ids)
            _check_each(with_goods(transfers), ids, _("Nothing of these is to be transferred: %(ids)s."))
            return _sheets(ids, paper, TRANSFER_SHEET)
        _check_one_way(request, "source")
        source = several.place_of(request, "source", actor)
        rows = with_goods(transfers.filter(source=source, state__in=TO_BE_SENT))
        return _sheets(_oldest(rows, several.limit_of(request)), paper, TRANSFER_SHEET)


class TransferDocumentView(FileView):
    """The transfer sheet; `kind` asks for another document that is kept."""

    parameters = ("kind", "paper")

    @extend_schema(
        parameters=[OpenApiParameter("kind", description="transfer_sheet, despatch …"), paper_parameter],
        responses=PDF,
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        """Drawn from the transfer order as it stands."""
        visibility.check_transfer(actor_of(request), id)
        paper, kind = paper_of(request), request.GET.get("kind", TRANSFER_SHEET)
        if kind == TRANSFER_SHEET:
            return _sheets([id], paper, f"{TRANSFER_SHEET}-{id}")
        rows = KeptDocument.objects.filter(transfer_order=id, is_current=True, content__isnull=False)
        document = rows.filter(kind=kind).order_by("-id").first()
        if document is None:
            raise NotFound(_("There is no such document yet."))
        return file_answer(document.content, document.document_type, f"{document.kind}-{id}")


def _check_one_way(request: Request, place: str) -> None:
    if several.IDS in request.GET:
        text = _("Send id__in or %(place)s, not both.") % {"place": place}
        raise InvalidParameter({several.IDS: [text]})


def _check_each(rows: QuerySet[Package] | QuerySet[TransferOrder], ids: Sequence[int], text: str) -> None:
    found = rows.filter(pk__in=ids).values_list("pk", flat=True)
    several.refuse_missing(set(ids) - set(found), text)


def _oldest(rows: QuerySet[Package] | QuerySet[TransferOrder], limit: int) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:limit])


routes = [
    route("packages/pick-list/", PickListView),
    route("transfer_orders/sheets/", TransferSheetsView),
    route("transfer_orders/<id:id>/document/", TransferDocumentView),
]
