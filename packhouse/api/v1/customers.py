"""Customers and their addresses."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.auth import actor_of
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import (
    Document,
    DocumentDetailView,
    DocumentListView,
    DocumentView,
    SimpleListView,
)
from packhouse.api.permissions import Access
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.people import CustomerAddressSerializer, CustomerSerializer
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.catalog.models import Customer, CustomerAddress
from packhouse.commands.orders.anonymise_customer import anonymise_customer
from packhouse.orders.models import Order
from packhouse.payloads import people

PLACES = ("country", "city", "township", "district")


class CustomerFilterSet(StrictFilterSet):
    email = TextFilter("email", "iexact")
    phone_number = TextFilter("phone_number")
    omnitron_id = NumberFilter("omnitron_id")
    erp_code = TextFilter("erp_code")
    channel = NumberFilter("channel")
    user_type = TextFilter("user_type")


class _Customers(DocumentView):
    rows = Customer.objects.all()
    serializer_class = CustomerSerializer
    access: ClassVar[Access | None] = "aoi"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return people.customer_documents(ids).values()

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return _of_own_orders(rows, self.request, "pk", "channel")


def _of_own_orders(rows: QuerySet[Any], request: Any, customer: str, channel: str) -> QuerySet[Any]:
    """Customers who have a package at one of the caller's locations, and of its channels."""
    actor = actor_of(request)
    if actor.channel_ids is not None:
        rows = rows.filter(**{f"{channel}__in": list(actor.channel_ids)})
    if actor.location_ids is not None:
        orders = visibility.through_orders(Order.objects.all(), actor, "pk", "channel")
        rows = rows.filter(**{f"{customer}__in": orders.values("customer")})
    return rows


class CustomerListView(_Customers, DocumentListView):
    """Customers."""

    filterset_class = CustomerFilterSet


class CustomerSimpleListView(_Customers, SimpleListView):
    """Customers in flat rows, for reporting tools."""

    filterset_class = CustomerFilterSet
    file_name = "customers"


class CustomerView(_Customers, DocumentDetailView):
    """One customer."""


class CustomerAnonymiseView(_Customers, DocumentDetailView):
    """Forget a customer: its names, addresses and contacts are blanked wherever they are kept."""

    access = {"POST": "A"}
    http_method_names = ["post", "options"]

    @extend_schema(request=None, responses={200: CustomerSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Also in stored messages. 400 while an order is still to be delivered."""
        self.check_visible(id)
        anonymise_customer(id)
        return Response(self.document(request, id))


class CustomerAddressRowSerializer(CustomerAddressSerializer):
    """A flat row: places as ids."""

    country = some_number()  # type: ignore[assignment]
    city = some_number()  # type: ignore[assignment]
    township = some_number()  # type: ignore[assignment]
    district = some_number()  # type: ignore[assignment]


class CustomerAddressFilterSet(StrictFilterSet):
    customer = NumberFilter("customer")
    omnitron_id = NumberFilter("omnitron_id")
    address_type = TextFilter("address_type")
    city = NumberFilter("city")
    township = NumberFilter("township")
    is_active = FlagFilter("is_active")


class _Addresses(DocumentView):
    rows = CustomerAddress.objects.all()
    serializer_class: ClassVar[type[Shape]] = CustomerAddressSerializer
    access = "aoi"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return people.address_documents(ids).values()

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return _of_own_orders(rows, self.request, "customer", "customer__channel")


class CustomerAddressListView(_Addresses, DocumentListView):
    """Addresses as they were when their orders came in."""

    filterset_class = CustomerAddressFilterSet


class CustomerAddressSimpleListView(_Addresses, SimpleListView):
    """Addresses in flat rows, for reporting tools."""

    serializer_class = CustomerAddressRowSerializer
    filterset_class = CustomerAddressFilterSet
    file_name = "customer-addresses"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return [flat(row) for row in super().documents(ids)]


def flat(row: Document) -> Document:
    """An address with its places as ids."""
    return {**row, **{name: row[name] and row[name]["pk"] for name in PLACES}}


class CustomerAddressView(_Addresses, DocumentDetailView):
    """One address."""


routes = [
    route("customers/", CustomerListView),
    route("customers/list-simple/", CustomerSimpleListView),
    route("customers/<id:id>/", CustomerView),
    route("customers/<id:id>/anonymise/", CustomerAnonymiseView),
    route("customer_addresses/", CustomerAddressListView),
    route("customer_addresses/list-simple/", CustomerAddressSimpleListView),
    route("customer_addresses/<id:id>/", CustomerAddressView),
]
