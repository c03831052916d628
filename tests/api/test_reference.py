"""Mirrored lists, denial reasons, states."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from packhouse.catalog.configuration import IS_SECRET
from packhouse.catalog.models import CancellationReason, CargoCompany, Channel, PackageDenialReason
from packhouse.kernel import version
from packhouse.kernel.models import Role, Scope, State
from packhouse.kernel.secrets import unseal
from packhouse.packages.models import Package
from tests.api.callers import Caller, a_caller
from tests.builders import (
    a_cargo_company,
    a_channel,
    a_denial_reason,
    a_district,
    a_package,
    a_product,
)

pytestmark = pytest.mark.django_db

REASONS = "packages/package_denial_reason/"


def first(caller: Caller, address: str) -> Any:
    return caller.get(address).json["results"][0]


@pytest.mark.parametrize("role", list(Role))
def test_reference_data_is_for_every_role_to_read(role: Role) -> None:
    caller = a_caller(role, user_scopes=[Scope.READ])

    for address in (
        "channels/",
        "cargo-companies/",
        "cargo_companies/",
        "products/",
        "countries/",
        "cities/",
        "townships/",
        "districts/",
        "cancellation-reasons/",
        "states/",
        "content_types/",
        REASONS,
        "package-denial-reason/",
        "package-denial-reason/list-simple/",
    ):
        assert caller.get(address).status == 200, address


def test_a_channel_has_its_type_under_both_names(admin: Caller) -> None:
    channel = a_channel(name="Web shop", channel_type="web")

    row = first(admin, "channels/?name=web")

    assert list(row) == [
        "id",
        "name",
        "omnitron_id",
        "created_date",
        "modified_date",
        "type",
        "channel_type",
        "configuration",
        "is_active",
    ]
    assert row["type"] == row["channel_type"] == "web"
    assert admin.get(f"channels/{channel.pk}").json == row


def test_a_channel_takes_configuration_and_is_active(admin: Caller) -> None:
    channel = a_channel(name="Web shop")
    service = {
        "remote_url": "https://erp.example.com/bill",
        "auth": {"request_type": "token", "token": "topsecret"},
    }

    answer = admin.patch(
        f"channels/{channel.pk}/",
        {"configuration": {"bill_service": service}, "is_active": False, "name": "x"},
    )

    assert answer.status == 200
    assert answer.json["name"] == "Web shop"
    assert answer.json["is_active"] is False
    assert answer.json["configuration"]["bill_service"]["auth"]["token"] == "********"
    kept = Channel.objects.get().configuration
    assert "topsecret" not in str(kept)
    assert unseal(kept, IS_SECRET)["bill_service"]["auth"]["token"] == "topsecret"


def test_a_configuration_that_does_not_fit_is_named(admin: Caller) -> None:
    channel = a_channel()

    unfit: list[Any] = [{"bill_service": {"remote_url": "nowhere"}}, [], "x"]
    for configuration in unfit:
        answer = admin.patch(f"channels/{channel.pk}/", {"configuration": configuration})
        assert answer.status == 400
        assert "configuration" in answer.json
    assert Channel.objects.get().configuration == {}


def test_the_carriers_password_is_masked_sealed_and_kept(admin: Caller) -> None:
    company = a_cargo_company()
    address = f"cargo-companies/{company.pk}/"
    given = {"adaptor": "http", "base_url": "https://c.example.com", "username": "u", "password": "topsecret"}

    shown = admin.patch(address, {"configuration": given}).json["configuration"]
    assert shown == {**given, "password": "********"}
    assert admin.patch(address, {"configuration": {**shown, "username": "u2"}}).status == 200

    kept = CargoCompany.objects.get().configuration
    assert "topsecret" not in str(kept)
    assert unseal(kept, IS_SECRET) == {**given, "username": "u2"}
    assert admin.get(f"cargo_companies/{company.pk}/").json["configuration"]["password"] == "********"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"configuration": {"base_url": "ftp://x"}}, "configuration"),
        ({"configuration": {"polling_minutes": 0}}, "configuration"),
        ({"configuration": {"label_source": "nobody"}}, "configuration"),
        ({"configuration": {"password": "********"}}, "configuration.password"),
        ({"erp_code": ""}, "erp_code"),
        ({"erp_code": None}, "erp_code"),
        ({"is_active": "perhaps"}, "is_active"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_carrier_that_does_not_fit_is_400(admin: Caller, body: dict[str, Any], field: str) -> None:
    company = a_cargo_company(configuration={})

    answer = admin.patch(f"cargo-companies/{company.pk}/", body)

    assert answer.status == 400
    assert field in answer.json


def test_two_carriers_cannot_share_a_code(admin: Caller) -> None:
    one, other = a_cargo_company(), a_cargo_company()

    answer = admin.patch(f"cargo-companies/{other.pk}/", {"erp_code": one.erp_code})

    assert (answer.status, answer.json["code"]) == (400, "unique")
    assert list(answer.json) == ["erp_code", "code"]


def test_reference_data_is_the_admins_to_change(operator: Caller, integration: Caller, admin: Caller) -> None:
    channel, company = a_channel(), a_cargo_company()

    for caller in (operator, integration):
        assert caller.patch(f"channels/{channel.pk}/", {"is_active": False}).status == 403
        assert caller.patch(f"cargo-companies/{company.pk}/", {"is_active": False}).status == 403
        assert caller.post(REASONS, {"title": "t"}).status == 403
    assert admin.put(f"channels/{channel.pk}/", {}).status == 405
    assert Channel.objects.get().is_active


def test_editing_a_channel_twice_is_412(admin: Caller) -> None:
    channel = a_channel()
    address = f"channels/{channel.pk}/"
    etag = admin.get(address).headers["ETag"]

    assert admin.patch(address, {"is_active": False}, if_match=etag).status == 200
    late = admin.patch(address, {"is_active": True}, if_match=etag)

    assert (late.status, late.json["code"]) == (412, "precondition_failed")
    assert not Channel.objects.get().is_active
    assert (
        admin.patch(
            address, {"is_active": True}, if_match=f'"other", {admin.get(address).headers["ETag"]}'
        ).status
        == 200
    )


def test_products_are_found_by_code_and_shown_whole(admin: Caller) -> None:
    product = a_product(images=2, barcodes=["868"])
    a_product()

    row = first(admin, f"products/?sku={product.sku}")

    assert row["id"] == product.pk
    assert [image["order"] for image in row["productimage_set"]] == sorted(
        image["order"] for image in row["productimage_set"]
    )
    assert len(row["productimage_set"]) == 2
    assert row["barcodes"] == ["868"]
    assert admin.get(f"products/{product.pk}/").json == row
    assert admin.get(f"products/?sku__in={product.sku},none").json["count"] == 1
    assert admin.get(f"products/?omnitron_id={product.omnitron_id}").json["count"] == 1


def test_the_document_of_a_product_has_the_fields_it_declares(admin: Caller) -> None:
    a_product(images=1)

    declared = admin.options("products/").json["actions"]["GET"]

    assert list(first(admin, "products/")) == list(declared)


def test_places_answer_pk_and_lead_to_one_another(admin: Caller) -> None:
    district = a_district(name="KIZILAY", latitude="39.91708900")
    city = district.city

    assert first(admin, "districts/?name=kizilay") == {
        "pk": district.pk,
        "name": "KIZILAY",
        "city": city.pk,
        "township": district.township_id,
        "is_active": True,
        "longitude": None,
        "latitude": "39.91708900",
    }
    assert admin.get(f"townships/?city={city.pk}").json["count"] == 1
    assert admin.get(f"townships/?country={city.country_id}").json["count"] == 1
    assert admin.get(f"cities/?country={city.country_id + 1}").json["count"] == 0
    assert admin.get(f"cities/{city.pk}/").json["pk"] == city.pk
    assert list(first(admin, "countries/?code=TR")) == [
        "pk",
        "name",
        "code",
        "is_active",
        "longitude",
        "latitude",
    ]
    assert admin.get(f"districts/?township={district.township_id}&is_active=true").json["count"] == 1


def test_cancellation_reasons(admin: Caller) -> None:
    reason = CancellationReason.objects.create(subject="Changed my mind", omnitron_id=10, order=2)

    row = first(admin, "cancellation-reasons/?omnitron_id=10")

    assert row["subject"] == "Changed my mind"
    assert row["send_to_oms"] is True
    assert admin.get(f"cancellation-reasons/{reason.pk}/").json == row


def test_a_denial_reason_from_beginning_to_end(admin: Caller) -> None:
    made = admin.post(REASONS, {"title": "Kırık"})
    assert made.status == 201
    assert made.json == {
        "id": made.json["id"],
        "title": "Kırık",
        "remote_id": None,
        "priority": None,
        "is_active": True,
        "created_date": made.json["created_date"],
        "modified_date": made.json["modified_date"],
    }
    address = f"{REASONS}{made.json['id']}/"
    assert admin.get(address).json == made.json

    changed = admin.patch(address, {"priority": 3})
    assert (changed.status, changed.json["priority"], changed.json["title"]) == (200, 3, "Kırık")
    replaced = admin.put(address, {**made.json, "title": "Ezik"})
    assert (replaced.status, replaced.json["title"]) == (200, "Ezik")
    assert admin.put(address, {"priority": 1}).status == 400

    assert admin.delete(address).status == 204
    assert admin.get(address).status == 404


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "title", "missing_parameter"),
        ({"title": ""}, "title", "invalid_parameter"),
        ({"title": None}, "title", "invalid_parameter"),
        ({"title": "x" * 256}, "title", "invalid_parameter"),
        ({"title": "taken"}, "title", "unique"),
        ({"title": "t", "remote_id": "x" * 101}, "remote_id", "invalid_parameter"),
        ({"title": "t", "priority": -1}, "priority", "invalid_parameter"),
        ({"title": "t", "priority": 2**40}, "priority", "invalid_parameter"),
        ({"title": "t", "priority": "first"}, "priority", "invalid_parameter"),
        ({"title": "t", "is_active": None}, "is_active", "invalid_parameter"),
        ({"title": "t", "color": "red"}, "color", "unknown_parameter"),
        ({"title": ["t"]}, "title", "invalid_parameter"),
        ([{"title": "t"}], "non_field_errors", "invalid_parameter"),
        ("t", "non_field_errors", "invalid_parameter"),
        (None, "title", "missing_parameter"),
    ],
)
def test_a_denial_reason_that_does_not_fit_is_named(admin: Caller, body: Any, field: str, code: str) -> None:
    a_denial_reason(title="taken")

    answer = admin.post(REASONS, body)

    assert answer.status == 400
    assert list(answer.json) == [field, "code"]
    assert answer.json["code"] == code
    assert PackageDenialReason.objects.count() == 1


def test_a_form_without_is_active_makes_an_active_one(admin: Caller) -> None:
    made = admin.post(REASONS, b"title=t", content_type="application/x-www-form-urlencoded")

    assert (made.status, made.json["is_active"]) == (201, True)


def test_a_reason_in_use_is_switched_off_and_not_deleted(admin: Caller) -> None:
    reason = a_denial_reason()
    package = a_package()
    Package.objects.get(pk=package.pk).items.update(denial_reason=reason)

    assert admin.delete(f"{REASONS}{reason.pk}/").status == 204

    reason.refresh_from_db()
    assert not reason.is_active
    assert admin.get(f"{REASONS}?is_active=true").json["count"] == 0


def test_the_older_addresses_show_the_same_rows(admin: Caller) -> None:
    a_denial_reason()

    rows = admin.get(REASONS).json["results"]

    assert admin.get("package-denial-reason/").json["results"] == rows
    assert admin.get("package-denial-reason/list-simple/").json == rows
    assert admin.post("package-denial-reason/", {"title": "t"}).status == 405


@pytest.fixture
def state(db: None) -> State:
    kind = ContentType.objects.get(app_label="packages", model="package")
    state, _made = State.objects.get_or_create(
        enum_class="PackageStatus", enum_value="500", content_type=kind, defaults={"name": "Packed"}
    )
    return state


def test_a_state_may_be_renamed_and_every_process_learns_it(admin: Caller, state: State) -> None:
    before = version.read_now()

    answer = admin.patch(
        f"states/{state.pk}/",
        {"name": "Done", "translations": {"tr-tr": {"name": "Bitti"}}, "enum_value": "600"},
    )

    assert answer.status == 200
    assert answer.json["name"] == "Done"
    assert answer.json["translations"] == {"tr-tr": {"name": "Bitti"}}
    assert answer.json["enum_value"] == "500"
    assert version.read_now() > before


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": "x" * 65}, {"translations": ["x"]}, {"config": 3}, {"color": 1}]
)
def test_a_state_that_does_not_fit_is_400(admin: Caller, state: State, body: dict[str, Any]) -> None:
    before = version.read_now()

    answer = admin.patch(f"states/{state.pk}/", body)

    assert answer.status == 400
    assert next(iter(body)) in answer.json
    assert version.read_now() == before


def test_states_are_found_by_class_and_value(admin: Caller, state: State) -> None:
    found = admin.get("states/?enum_class=PackageStatus&enum_value__in=500,501").json["results"]

    assert state.pk in [row["id"] for row in found]
    assert {row["enum_value"] for row in found} == {"500"}


def test_content_types_tell_what_their_ids_mean(admin: Caller) -> None:
    row = first(admin, "content_types/?app_label=packages&model=package")

    assert list(row) == ["id", "app_label", "model"]
    assert row["model"] == "package"
    assert admin.get("content_types/?created_date__gt=2026-01-01").json["code"] == "unknown_filter"


def test_no_list_costs_more_for_more_rows(admin: Caller, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        a_product(images=2)
        a_district()
    admin.get("products/")

    for address in ("products/", "districts/", "townships/", "channels/", "states/"):
        with django_assert_max_num_queries(4):
            admin.get(address)
