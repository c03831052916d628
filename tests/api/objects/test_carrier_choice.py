"""Sender addresses and the conditions under which a carrier may be chosen."""

from typing import Any

import pytest

from packhouse.catalog.models import CargoCompanyCondition
from packhouse.kernel.models import Role
from packhouse.locations.models import SenderAddress
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_cargo_company, a_location, a_sender_address

pytestmark = pytest.mark.django_db

SENDERS = "stocklocations-senderaddress/"
CONDITIONS = "cargo-company-conditions/"
RULE = {
    "when": {"field": "package.weight", "op": "lte", "value": "30"},
    "priority": 10,
    "shipping_option_slug": "fast",
    "cost": {"base": "40.00", "per_desi": 2.5},
}


def test_a_sender_address_is_made_changed_and_forgotten(admin: Caller) -> None:
    location, company = a_location(), a_cargo_company()

    made = admin.post(
        SENDERS, {"origin_id": "987", "stock_location": location.pk, "cargo_company": company.pk}
    )
    address = f"{SENDERS}{made.json['id']}/"
    changed = admin.patch(address, {"origin_id": "988"}, if_match=made.headers["ETag"])
    late = admin.patch(address, {"origin_id": "989"}, if_match=made.headers["ETag"])

    assert made.status == 201
    assert list(made.json) == [
        "id",
        "created_date",
        "modified_date",
        "origin_id",
        "remote_id",
        "address",
        "stock_location",
        "cargo_company",
        "is_active",
    ]
    assert made.json["address"]["id"] == location.address_id
    assert (changed.status, changed.json["origin_id"], late.status) == (200, "988", 412)
    assert admin.delete(address).status == 204
    assert not SenderAddress.objects.exists()


def test_a_location_has_one_for_each_carrier(admin: Caller) -> None:
    known = a_sender_address(stock_location=a_location(), cargo_company=a_cargo_company())

    answer = admin.post(
        SENDERS,
        {
            "origin_id": "1",
            "stock_location": known.stock_location_id,
            "cargo_company": known.cargo_company_id,
        },
    )

    assert (answer.status, answer.json["code"]) == (400, "unique")
    assert set(admin.post(SENDERS, {}).json) == {"origin_id", "stock_location", "cargo_company", "code"}
    assert admin.post(SENDERS, {"origin_id": "1", "stock_location": 10**30}).status == 400


def test_filters_rights_and_statements(admin: Caller, operator: Caller) -> None:
    company = a_cargo_company(erp_code="example")
    own = a_sender_address(stock_location=a_location(erp_code="S-1"), cargo_company=company)
    foreign = a_sender_address(stock_location=a_location(), cargo_company=a_cargo_company())
    narrow = a_caller(Role.INTEGRATION, user_scopes=["locations"], location_ids=[own.stock_location_id])

    for query in ("stock_location__erp_code=S-1", "cargo_company__erp_code=example", f"id={own.pk}"):
        assert ids(operator.get(f"{SENDERS}?{query}")) == [own.pk]
    assert ids(narrow.get(SENDERS)) == [own.pk]
    assert narrow.patch(f"{SENDERS}{own.pk}/", {"origin_id": "5"}).status == 200
    assert narrow.patch(f"{SENDERS}{foreign.pk}/", {"origin_id": "5"}).status == 403
    moved = narrow.patch(f"{SENDERS}{own.pk}/", {"stock_location": foreign.stock_location_id})
    assert (moved.status, list(moved.json)) == (400, ["stock_location", "code"])
    assert operator.post(SENDERS, {}).status == 403
    assert a_caller(Role.STORE).get(SENDERS).status == 403

    def one_more() -> None:
        a_sender_address(stock_location=a_location(), cargo_company=a_cargo_company())

    assert grows(admin, SENDERS, one_more) == 0


def test_a_condition_is_made_changed_and_forgotten(admin: Caller, operator: Caller) -> None:
    company = a_cargo_company()

    made = admin.post(CONDITIONS, {"cargo_company": company.pk, "rules_configuration": {"rules": [RULE]}})
    address = f"{CONDITIONS}{made.json['id']}/"

    assert made.status == 201
    assert made.json["rules_configuration"] == {"rules": [RULE]}
    assert operator.get(address).json == made.json
    assert operator.patch(address, {}).status == 403
    assert admin.patch(address, {"rules_configuration": {"rules": []}}).status == 200
    assert admin.put(address, {"rules_configuration": {}}).json["cargo_company"]
    assert admin.delete(address).status == 204
    assert not CargoCompanyCondition.objects.exists()


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (7, "non_field_errors"),
        ({"rules": {}}, "rules"),
        ({"rule": []}, "rule"),
        ({"rules": [{"priority": "first"}]}, "rules.0.priority"),
        ({"rules": [{"cost": {"base": -1}}]}, "rules.0.cost.base"),
        ({"rules": [{"when": {"field": "package.colour", "op": "eq", "value": 1}}]}, "rules.0.when"),
        ({"rules": [{"when": {"field": "package.weight", "op": [], "value": 1}}]}, "rules.0.when"),
    ],
)
def test_rules_that_say_nothing_are_refused(admin: Caller, rules: Any, path: str) -> None:
    answer = admin.post(CONDITIONS, {"cargo_company": a_cargo_company().pk, "rules_configuration": rules})

    assert answer.status == 400
    assert path in answer.json["rules_configuration"]
    assert not CargoCompanyCondition.objects.exists()


def test_statements_of_conditions_do_not_grow(admin: Caller) -> None:
    def one_more() -> None:
        CargoCompanyCondition.objects.create(cargo_company=a_cargo_company(), rules_configuration={})

    assert grows(admin, CONDITIONS, one_more) == 0
