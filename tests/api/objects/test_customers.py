"""Customers and their addresses."""

import pytest

from packhouse.kernel.models import Role
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import ids
from tests.builders import a_customer, a_package, an_address
from tests.payloads.examples import differences, example

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_package_example(admin: Caller) -> None:
    customer = a_customer(phone_number="05")
    address = an_address(customer=customer, email="a@example.com", postcode="06420")
    published = example("package")

    document = admin.get(f"customers/{customer.pk}/").json
    assert differences({**document, "channel": 4}, published["customer"]) == []
    assert (
        differences(admin.get(f"customer_addresses/{address.pk}/").json, published["shipping_address"]) == []
    )


def test_simple_lists_are_bare_arrays_of_flat_rows(admin: Caller) -> None:
    customer = a_customer()
    address = an_address(customer=customer)

    assert [row["id"] for row in admin.get("customers/list-simple/").json] == [customer.pk]
    row = admin.get("customer_addresses/list-simple/").json[0]
    assert (row["id"], row["city"], row["district"]) == (address.pk, address.city_id, address.district_id)
    assert admin.get("customers/list-simple/?limit=1").json["count"] == 1


@pytest.mark.parametrize(
    "query", ["email=GRACE@example.com", "phone_number=0500", "omnitron_id=77777777", "erp_code=C-1"]
)
def test_each_filter_finds_the_one(admin: Caller, query: str) -> None:
    wanted = a_customer(email="grace@example.com", phone_number="0500", omnitron_id=77777777, erp_code="C-1")
    a_customer()

    assert ids(admin.get(f"customers/?{query}")) == [wanted.pk]


def test_who_sees_whom() -> None:
    own, foreign = a_package(), a_package()
    key = a_caller(Role.INTEGRATION, user_scopes=["read"], location_ids=[own.stock_location_id])
    store = a_caller(Role.STORE, locations=[own.stock_location])

    assert ids(key.get("customers/")) == [own.order.customer_id]
    assert key.get(f"customers/{foreign.order.customer_id}/").status == 403
    assert key.get("customers/99999999/").status == 404
    assert store.get("customers/").status == 403
    assert store.get("customer_addresses/").status == 403
