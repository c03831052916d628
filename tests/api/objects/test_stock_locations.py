"""Stock locations and their addresses: what may be written, and what is told of it."""

import json
from typing import Any

import pytest

from packhouse.kernel.models import Event, Role
from packhouse.locations.models import StockLocation, Tag
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_channel, a_city, a_district, a_location
from tests.payloads.examples import differences, example
from tests.payloads.worlds import a_whole_location

pytestmark = pytest.mark.django_db

NEW = {"name": "Store 9", "erp_code": "S-9", "stock_location_type": "store"}


def events() -> list[tuple[str, int]]:
    return list(Event.objects.order_by("cursor").values_list("type", "sequence"))


def test_a_location_is_the_published_example(admin: Caller) -> None:
    location = a_whole_location()

    answer = admin.get(f"stocklocations/{location.pk}/")

    assert differences(answer.json, example("stock_location")) == []
    assert admin.get(f"stock_locations/{location.pk}").json == answer.json
    assert answer.headers["ETag"]


def test_list_simple_is_a_bare_array(admin: Caller) -> None:
    location = a_whole_location()

    (row,) = admin.get("stocklocations/list-simple/").json

    assert (row["id"], row["address"], row["available_quota"]) == (location.pk, location.address_id, 28)
    assert row["tags"] == [location.tags.get().name]
    assert admin.get("stock_locations/list-simple/?format=csv").content.startswith(b"id,created_date")


@pytest.mark.parametrize(
    "query",
    [
        "erp_code=W-1",
        "erp_code__in=W-1,W-2",
        "name=wareh",
        "stock_location_type=warehouse",
        "is_pickup_location=true",
        "is_active=false",
        "tag=mall",
        "engine=2",
        "city={city}",
        "channel={channel}",
        "omnitron_id=4444444",
    ],
)
def test_each_filter_finds_the_one(admin: Caller, query: str) -> None:
    channel = a_channel()
    wanted = a_location(
        erp_code="W-1",
        name="Warehouse 1",
        stock_location_type="warehouse",
        is_pickup_location=True,
        is_active=False,
        engine=2,
        omnitron_id=4444444,
        channels=[channel],
    )
    wanted.tags.add(Tag.objects.create(name="mall"))
    a_location()
    assert wanted.address
    filled = query.format(city=wanted.address.city_id, channel=channel.pk)

    assert ids(admin.get(f"stocklocations/?{filled}")) == [wanted.pk]


def test_statements_do_not_grow(admin: Caller) -> None:
    assert grows(admin, "stocklocations/", a_location) == 0


def test_a_new_location_with_everything(integration: Caller) -> None:
    channel, district = a_channel(), a_district()
    body = {
        **NEW,
        "address": {"district": district.pk, "line": "1 Example St", "longitude": "32.9", "latitude": 39},
        "tags": ["mall", {"id": 1, "name": "north"}],
        "channels": [channel.pk],
        "max_quota": 40,
        "quota": 12,
        "exit_time": "17:00",
        "working_hours": {"mon": [["10:00", "22:00"]], "sun": []},
        "conf": {"floor": 2},
    }

    answer = integration.post("stocklocations/", body)

    assert answer.status == 201, answer.content
    made = answer.json
    assert (made["erp_code"], made["quota"], made["available_quota"]) == ("S-9", 0, 40)
    assert made["address"]["city"]["pk"] == district.city_id
    assert made["address"]["longitude"] == "32.90000000"
    assert [tag["name"] for tag in made["tags"]] == ["mall", "north"]
    assert (made["channels"], made["exit_time"], made["conf"]) == ([channel.pk], "17:00", {"floor": 2})
    assert made["working_hours"] == {"mon": [["10:00", "22:00"]], "sun": []}
    assert events() == [("stock_location.created", 1)]
    payload = json.loads(Event.objects.get().payload.body)
    assert payload == made


def test_a_change_is_told_and_the_back_office_no_longer_overwrites_it(admin: Caller) -> None:
    location = a_location(name="Old", sequence=3)

    answer = admin.patch(f"stocklocations/{location.pk}/", {"name": "New", "priority": 5})

    assert (answer.status, answer.json["name"], answer.json["sequence"]) == (200, "New", 4)
    location.refresh_from_db()
    assert location.local_fields == ["name", "priority"]
    assert events() == [("stock_location.updated", 4)]


def test_what_was_read_may_be_sent_back_and_tells_nothing(admin: Caller) -> None:
    location = a_whole_location()
    document = admin.get(f"stocklocations/{location.pk}/").json

    answer = admin.put(f"stocklocations/{location.pk}/", document)

    assert (answer.status, answer.json) == (200, document)
    assert events() == []


def test_an_edit_on_top_of_anothers_is_412(admin: Caller) -> None:
    location = a_location()
    etag = admin.get(f"stocklocations/{location.pk}/").headers["ETag"]
    first = admin.patch(f"stocklocations/{location.pk}/", {"priority": 1}, If_Match=etag)
    second = admin.patch(f"stocklocations/{location.pk}/", {"priority": 2}, If_Match=etag)

    assert (first.status, second.status) == (200, 412)
    location.refresh_from_db()
    assert location.priority == 1


def test_delete_switches_off(admin: Caller) -> None:
    location = a_location()

    assert admin.delete(f"stocklocations/{location.pk}/").status == 204

    location.refresh_from_db()
    assert not location.is_active
    assert events() == [("stock_location.updated", 1)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"erp_code": "TAKEN"}, "erp_code"),
        ({"erp_code": None}, "erp_code"),
        ({"stock_location_type": "shed"}, "stock_location_type"),
        ({"name": "x" * 256}, "name"),
        ({"max_quota": -1}, "max_quota"),
        ({"max_quota": 10**12}, "max_quota"),
        ({"priority": "high"}, "priority"),
        ({"colour": "red"}, "colour"),
        ({"address": 99999999}, "address"),
        ({"address": 10**30}, "address"),
        ({"address": {"city": 99999999}}, "address"),
        ({"address": {"latitude": 91}}, "address"),
        ({"address": {"colour": 1}}, "address"),
        ({"tags": "mall"}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"channels": [99999999]}, "channels"),
        ({"channels": "x"}, "channels"),
        ({"exit_time": "25:00"}, "exit_time"),
        ({"working_hours": {"monday": []}}, "working_hours"),
        ({"working_hours": {"mon": [["10:00"]]}}, "working_hours"),
        ({"conf": []}, "conf"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(admin: Caller, changes: Any, field: str) -> None:
    a_location(erp_code="TAKEN")
    location = a_location(name="Old")

    created = admin.post("stocklocations/", {**NEW, **changes})
    changed = admin.patch(f"stocklocations/{location.pk}/", {"name": "New", **changes})

    assert (created.status, changed.status) == (400, 400), (created.content, changed.content)
    assert field in created.json
    assert field in changed.json
    location.refresh_from_db()
    assert location.name == "Old"
    assert StockLocation.objects.count() == 2
    assert events() == []


@pytest.mark.parametrize("missing", sorted(NEW))
def test_what_a_new_location_needs(admin: Caller, missing: str) -> None:
    answer = admin.post("stocklocations/", {key: value for key, value in NEW.items() if key != missing})

    assert (answer.status, answer.json["code"], next(iter(answer.json))) == (
        400,
        "missing_parameter",
        missing,
    )


def test_places_must_lie_in_each_other(admin: Caller) -> None:
    district, elsewhere = a_district(), a_city(name="İZMİR")

    answer = admin.post(
        "stocklocations/", {**NEW, "address": {"district": district.pk, "city": elsewhere.pk}}
    )

    assert (answer.status, list(answer.json["address"])) == (400, ["district"])


def test_a_store_changes_its_own_working_hours_and_nothing_else() -> None:
    own, foreign = a_location(), a_location()
    store = a_caller(Role.STORE, locations=[own])
    hours = {"working_hours": {"mon": []}}

    assert ids(store.get("stocklocations/")) == [own.pk]
    assert [row["id"] for row in store.get("stocklocations/list-simple/").json] == [own.pk]
    assert store.patch(f"stocklocations/{own.pk}/", hours).status == 200
    assert store.patch(f"stocklocations/{foreign.pk}/", hours).status == 403
    assert store.patch(f"stocklocations/{own.pk}/", {**hours, "name": "Mine"}).status == 403
    assert store.put(f"stocklocations/{own.pk}/", {**NEW}).status == 403
    assert store.delete(f"stocklocations/{own.pk}/").status == 403
    assert store.post("stocklocations/", NEW).status == 403
    own.refresh_from_db()
    assert (own.working_hours, own.is_active) == ({"mon": []}, True)


def test_who_may_write() -> None:
    location = a_location()
    operator = a_caller(Role.OPERATOR)
    reader = a_caller(Role.INTEGRATION, user_scopes=["read"])
    narrow = a_caller(Role.INTEGRATION, user_scopes=["locations"], location_ids=[location.pk])

    assert operator.get("stocklocations/").status == 200
    for caller in (operator, reader):
        assert caller.patch(f"stocklocations/{location.pk}/", {"priority": 1}).status == 403
    assert narrow.patch(f"stocklocations/{location.pk}/", {"priority": 1}).status == 200
    assert narrow.post("stocklocations/", NEW).status == 403


def test_an_address_changed_alone_changes_its_location(admin: Caller) -> None:
    location = a_location()

    answer = admin.patch(
        f"stock_location_addresses/{location.address_id}/", {"line": "2 New St", "mapping": {"a": 1}}
    )

    assert (answer.status, answer.json["line"], answer.json["mapping"]) == (200, "2 New St", {"a": 1})
    assert admin.get(f"stocklocations/{location.pk}/").json["address"]["line"] == "2 New St"
    assert events() == [("stock_location.updated", 1)]
    row = admin.get("stock_location_addresses/list-simple/").json[0]
    assert location.address
    assert (row["id"], row["city"]) == (location.address_id, location.address.city_id)
    assert admin.patch(f"stock_location_addresses/{location.address_id}/", {"line": []}).status == 400


def test_options_tell_what_a_post_needs(admin: Caller) -> None:
    fields = admin.options("stocklocations/").json["actions"]["POST"]

    assert [name for name, field in fields.items() if field["required"]] == [
        "name",
        "stock_location_type",
        "erp_code",
    ]
    assert {choice["value"] for choice in fields["stock_location_type"]["choices"]} == {"store", "warehouse"}
    assert fields["quota"]["read_only"]
