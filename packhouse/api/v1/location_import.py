"""Stock locations from a CSV file: made, or changed where the `erp_code` is known (page 50)."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import ValidationError as ShapeError
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.errors import flat_errors
from packhouse.api.routes import route
from packhouse.api.serializers import errors_by_path
from packhouse.api.v1.csv_files import CSV_BODY, DRY_RUN, CSVParser, flag, sent_file
from packhouse.api.v1.shapes.shape import Shape, some_text
from packhouse.api.v1.stock_locations import FLAGS, EditableStockLocationSerializer
from packhouse.api.views import LARGE_BODY, ApiView
from packhouse.commands.locations.edit_location import change_location, create_location
from packhouse.commands.orders.order_document import AddressPart
from packhouse.commands.orders.places import places_by_name
from packhouse.kernel.accounts import Actor
from packhouse.kernel.csv_rows import Row, read_rows
from packhouse.kernel.errors import InvalidParameter, PackhouseError
from packhouse.kernel.models import Scope
from packhouse.locations.models import StockLocation

MOST_LINES = 10_000
PLAIN = (
    *("erp_code", "name", "stock_location_type", "engine", "priority", "email", "fax_number"),
    *("daytime_phone", "evening_phone", "max_quota", "target_packaging_time", "exit_time"),
    *FLAGS,
)
LISTS = ("tags", "channels")
JSON = ("conf", "working_hours")
PLACES = ("country", "city", "township", "district")
ADDRESS = {
    "address_title": "title",
    "line": "line",
    "postcode": "postcode",
    "address_notes": "notes",
    "longitude": "longitude",
    "latitude": "latitude",
}
COLUMNS = (*PLAIN, *LISTS, *JSON, *PLACES, *ADDRESS)
BETWEEN = "|"


class RowErrorSerializer(Shape):
    """`errors`: texts by column."""

    line = serializers.IntegerField(help_text="the header is line 1")
    erp_code = some_text()
    errors = serializers.DictField()  # type: ignore[assignment]


class LocationImportSerializer(Shape):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]


class LocationImportView(ApiView):
    """Locations from CSV: the good rows are kept, the others are named with what is wrong with them."""

    access = {"POST": "AI"}
    scope = Scope.LOCATIONS
    rate = "bulk"
    body_limit = LARGE_BODY
    own_transaction = True
    parser_classes = [CSVParser, MultiPartParser]

    @extend_schema(parameters=[DRY_RUN], request=CSV_BODY, responses={200: LocationImportSerializer})
    def post(self, request: Request) -> Response:
        """Columns are those of a location, with its address in one row; `tags` and `channels` with | between,
        `working_hours` and `conf` as JSON. A cell that is empty changes nothing."""
        filters.check_only(request.GET, "dry_run")
        dry_run = flag(request, "dry_run", default=False)
        rows = read_rows(sent_file(request), columns=COLUMNS, needed=("erp_code",), most=MOST_LINES)
        counts = {"created": 0, "updated": 0, "unchanged": 0}
        errors: list[dict[str, Any]] = []
        for row in rows:
            if isinstance(row, InvalidParameter):
                ((place, texts),) = row.errors.items()
                errors.append(_refused(int(place.removeprefix("lines.")), None, {"detail": texts}))
                continue
            try:
                counts[_take(row, actor_of(request), dry_run=dry_run)] += 1
            except (ValidationError, PackhouseError) as refusal:
                errors.append(_refused(row.line, row.values.get("erp_code"), _texts(refusal)))
        return Response({**counts, "errors": errors})


def _refused(line: int, erp_code: str | None, texts: Mapping[str, Any]) -> dict[str, Any]:
    return {"line": line, "erp_code": erp_code, "errors": dict(texts)}


def _texts(refusal: ValidationError | PackhouseError) -> dict[str, list[str]]:
    """By column: an address has no object of its own in a file."""
    found = flat_errors(refusal.detail if isinstance(refusal, ValidationError) else refusal.errors)
    columns = {path: column for column, path in ADDRESS.items()}
    texts: dict[str, list[str]] = {}
    for path, several in found.items():
        name = path.removeprefix("address.")
        texts.setdefault(columns.get(name, name), []).extend(several)
    return texts


def _take(row: Row, actor: Actor, *, dry_run: bool) -> str:
    """created, updated or unchanged. Raises ValidationError, PackhouseError."""
    code = row.values.get("erp_code")
    if code is None:
        raise InvalidParameter({"erp_code": [_("This field is required.")]})
    with transaction.atomic():
        present = StockLocation.objects.filter(erp_code=code).first()
        if actor.location_ids is not None and (present is None or present.pk not in actor.location_ids):
            raise InvalidParameter({"erp_code": [_("You may only change the locations you work at.")]})
        given = EditableStockLocationSerializer(present, data=_document(row), partial=present is not None)
        given.is_valid(raise_exception=True)
        if present is None:
            create_location(given.validated_data)
            outcome = "created"
        else:
            outcome = "updated" if change_location(present.pk, given.validated_data) else "unchanged"
        transaction.set_rollback(dry_run)
    return outcome


def _document(row: Row) -> dict[str, Any]:
    """The row as the API takes a location."""
    values = row.values
    document: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
    document |= {
        name: [part.strip() for part in values[name].split(BETWEEN) if part.strip()]
        for name in LISTS
        if name in values
    }
    document |= {name: _json(name, values[name]) for name in JSON if name in values}
    address: dict[str, Any] = {key: values[column] for column, key in ADDRESS.items() if column in values}
    if any(level in values for level in PLACES):
        address |= _places({level: values[level] for level in PLACES if level in values})
    return {**document, "address": address} if address else document


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidParameter({name: [_("This is not JSON.")]}) from None


def _places(names: Mapping[str, str]) -> dict[str, int | None]:
    """By name, in any spelling of I and ı. Raises InvalidParameter."""
    try:
        part = AddressPart.model_validate(names)
    except ShapeError as error:
        raise InvalidParameter(errors_by_path(error)) from None
    found = places_by_name(part, create_missing=False, path="address")
    return {name.removesuffix("_id"): pk for name, pk in found.columns().items()}


routes = [
    route("stocklocations/import/", LocationImportView),
    route("stock_locations/import/", LocationImportView, alias=True),
]
