"""Labels of up to 200 packages as one file, for a printer (page 80, 2.5)."""

from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Length
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from packhouse.api.auth import actor_of
from packhouse.api.routes import route
from packhouse.api.v1 import several, visibility
from packhouse.api.v1.files import FileView, file_answer
from packhouse.api.views import MEGABYTE
from packhouse.kernel.errors import InvalidParameter
from packhouse.packages.models import Package
from packhouse.shipments.label_bundle import BundleFormat, UnreadableLabel, bundle
from packhouse.shipments.models import ShippingLabel

FORMATS: Final[tuple[BundleFormat, ...]] = ("pdf", "zpl")
LARGEST_MEGABYTES: Final = 100


class PackageLabelsView(FileView):
    """The labels of several packages' present shipments, in the order of the ids, every parcel among them."""

    parameters = (several.IDS, "file_format")
    rate = "bulk"

    @extend_schema(
        parameters=[several.ids_parameter, OpenApiParameter("file_format", enum=list(FORMATS))],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """All or none: packages without a label are named."""
        ids, file_format = several.ids_of(request), _format(request)
        several.check_all(visibility.own_packages(actor_of(request)), Package.objects.all(), ids)
        rows = _labels(ids, file_format)
        owners = set(rows.values_list("shipment__package", flat=True))
        several.refuse_missing(set(ids) - owners, _("There is no label in this format yet for: %(ids)s."))
        _check_size(rows)
        order = {package: position for position, package in enumerate(ids)}
        labels = sorted(rows, key=lambda label: order[label.package_id])
        try:
            content = bundle((bytes(label.content) for label in labels), file_format)
        except UnreadableLabel as failure:
            text = _("What the carrier sent as label cannot be read: %(ids)s.")
            several.refuse_missing([labels[failure.position].package_id], text)
            raise
        return file_answer(content, file_format, "labels")


def _labels(ids: list[int], file_format: BundleFormat) -> QuerySet[Any]:
    """With `package_id`; those of one package by the number of the parcel. A PNG goes where there is no PDF."""
    current = ShippingLabel.objects.filter(is_current=True)
    wanted = Q(file_format=file_format)
    if file_format == "pdf":
        drawn = current.filter(shipment=OuterRef("shipment"), file_format="pdf")
        wanted |= Q(~Exists(drawn), file_format="png")
    rows = current.filter(wanted, shipment__package__in=ids, shipment__is_current=True)
    return rows.annotate(package_id=F("shipment__package_id")).order_by(
        F("parcel__position").asc(nulls_first=True), "id"
    )


def _check_size(rows: QuerySet[Any]) -> None:
    size = rows.order_by().aggregate(size=Sum(Length("content")))["size"] or 0
    if size > LARGEST_MEGABYTES * MEGABYTE:
        text = _("Together these have over %(size)s MB; ask for fewer.") % {"size": LARGEST_MEGABYTES}
        raise InvalidParameter({several.IDS: [text]})


def _format(request: Request) -> BundleFormat:
    given = several.text_of(request, "file_format")
    for known in FORMATS:
        if given in (known, None):
            return known
    text = _("Send one of: %(choices)s.") % {"choices": ", ".join(FORMATS)}
    raise InvalidParameter({"file_format": [text]})


routes = [route("packages/labels/", PackageLabelsView)]
