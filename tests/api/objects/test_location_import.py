"""`stocklocations/import/`: locations from CSV, errors by row."""

import pytest

from packhouse.kernel.models import Event, Role
from packhouse.locations.models import StockLocation
from tests.api.callers import Caller, a_caller
from tests.builders import a_channel, a_city, a_location

pytestmark = pytest.mark.django_db

ADDRESS = "stocklocations/import/"
HEADER = (
    "erp_code,name,stock_location_type,priority,tags,channels,working_hours,city,line,longitude,exit_time"
)


def send(caller: Caller, *rows: str, query: str = "") -> dict[str, object]:
    content = "\n".join([HEADER, *rows]).encode()
    answer = caller.call("POST", ADDRESS + query, content, content_type="text/csv")
    assert answer.status == 200, answer.content
    found: dict[str, object] = answer.json
    return found


def test_rows_are_made_changed_or_left(admin: Caller) -> None:
    known = a_location(erp_code="S-1", name="Old", priority=5)
    a_location(erp_code="S-2", name="Same")
    a_city(name="ISPARTA")
    channel = a_channel()

    answer = send(
        admin,
        "S-1,New,,,,,,,,,",
        "S-2,Same,,,,,,,,,",
        f'S-9,Ninth,store,7,mall|big,{channel.pk},"{{""mon"": [[""10:00"", ""22:00""]]}}",ısparta,1 St,30.5,17:00',
    )

    assert answer == {"created": 1, "updated": 1, "unchanged": 1, "errors": []}
    known.refresh_from_db()
    assert (known.name, known.priority) == ("New", 5)
    made = StockLocation.objects.get(erp_code="S-9")
    assert sorted(made.tags.values_list("name", flat=True)) == ["big", "mall"]
    assert list(made.channels.all()) == [channel]
    assert made.working_hours == {"mon": [["10:00", "22:00"]]}
    assert made.address
    assert made.address.city
    assert (made.address.city.name, made.address.line, str(made.address.longitude)) == (
        "ISPARTA",
        "1 St",
        "30.50000000",
    )
    types = Event.objects.order_by("cursor").values_list("type", flat=True)
    assert list(types) == ["stock_location.updated", "stock_location.created"]


def test_bad_rows_are_named_and_the_good_ones_kept(admin: Caller) -> None:
    answer = send(
        admin,
        "S-1,First,store,,,,,,,,",
        "S-2,,castle,,,,,,,,",
        ",Nameless,store,,,,,,,,",
        "S-3,Third,store,x,,99,{,Atlantis,,999,25:00",
        'S-4,Fourth,store,,,,"{""mon"": 7}",,,999,25:00',
        "S-5,a,b,c,d,e,f,g,h,i,j,k,l",
    )

    assert (answer["created"], StockLocation.objects.get().erp_code) == (1, "S-1")
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert [(row["line"], row["erp_code"], sorted(row["errors"])) for row in errors] == [
        (3, "S-2", ["name", "stock_location_type"]),
        (4, None, ["erp_code"]),
        (5, "S-3", ["working_hours"]),
        (6, "S-4", ["exit_time", "longitude", "working_hours"]),
        (7, None, ["detail"]),
    ]


def test_a_dry_run_writes_nothing(admin: Caller) -> None:
    answer = send(admin, "S-1,First,store,,,,,,,,", query="?dry_run=true")

    assert answer["created"] == 1
    assert not StockLocation.objects.exists()


def test_a_file_that_is_none(admin: Caller) -> None:
    answer = admin.call("POST", ADDRESS, b"colour\nred", content_type="text/csv")

    assert answer.status == 400
    assert set(answer.json) == {"lines.1.colour", "lines.1.erp_code", "code"}


def test_who_may(operator: Caller) -> None:
    own = a_location(erp_code="S-1", name="Old")
    store = a_caller(Role.STORE, locations=[own])
    narrow = a_caller(Role.INTEGRATION, user_scopes=["locations"], location_ids=[own.pk])

    for caller in (operator, store):
        assert caller.call("POST", ADDRESS, b"erp_code\nS-1", content_type="text/csv").status == 403
    answer = send(narrow, "S-1,New,,,,,,,,,", "S-2,Second,store,,,,,,,,")
    assert (answer["updated"], answer["created"]) == (1, 0)
    assert isinstance(answer["errors"], list)
    assert answer["errors"][0]["erp_code"] == "S-2"
