"""Forms of lists: CSV, Excel, XML, HTML, and the bare array of `list-simple`."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from rest_framework import serializers

from packhouse.api import formats
from packhouse.api.formats import HTMLRenderer, XMLRenderer, cell, columns_of
from tests.api.callers import Caller
from tests.builders import a_denial_reason

pytestmark = pytest.mark.django_db

SIMPLE = "package-denial-reason/list-simple/"


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def test_list_simple_is_a_bare_array(admin: Caller) -> None:
    first, second = a_denial_reason(title="Kırık ürün"), a_denial_reason()

    answer = admin.get(SIMPLE)

    assert answer.headers["Content-Type"] == "application/json"
    assert [row["id"] for row in answer.json] == [second.pk, first.pk]
    assert answer.json[1]["title"] == "Kırık ürün"


def test_list_simple_with_paging_parameters_is_a_page(admin: Caller) -> None:
    a_denial_reason(), a_denial_reason()

    answer = admin.get(f"{SIMPLE}?limit=1")

    assert answer.json["count"] == 2
    assert len(answer.json["results"]) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_the_array_is_whole_whatever_the_chunks(
    admin: Caller, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(formats, "CHUNK", 2)
    made = [a_denial_reason().pk for _ in range(count)]

    assert [row["id"] for row in admin.get(f"{SIMPLE}?sort=id").json] == made
    exported = rows_of(admin.get(f"{SIMPLE}?sort=id&format=csv").content)
    assert [int(row["id"]) for row in exported] == made


def test_csv_has_all_rows_that_match_and_a_header(admin: Caller) -> None:
    for number in range(25):
        a_denial_reason(title=f"r{number}", priority=number)

    answer = admin.get(f"{SIMPLE}?format=csv&sort=priority&is_active=true")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="package-denial-reasons.csv"' in answer.headers["Content-Disposition"]
    rows = rows_of(answer.content)
    assert [row["title"] for row in rows] == [f"r{number}" for number in range(25)]
    assert list(rows[0]) == [
        "id",
        "title",
        "remote_id",
        "priority",
        "is_active",
        "created_date",
        "modified_date",
    ]
    assert rows[0]["is_active"] == "true"
    assert rows[0]["remote_id"] == ""


def test_csv_of_an_empty_list_has_its_header(admin: Caller) -> None:
    assert admin.get(f"{SIMPLE}?format=csv").content.startswith(b"id,title,")


def test_csv_of_one_page(admin: Caller) -> None:
    for _ in range(3):
        a_denial_reason()

    assert len(rows_of(admin.get(f"{SIMPLE}?format=csv&limit=2").content)) == 2


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_both_names_give_a_workbook(admin: Caller, kind: str) -> None:
    a_denial_reason(title="=HYPERLINK(1)", remote_id="+90 212", priority=3)

    answer = admin.get(f"{SIMPLE}?format={kind}")

    assert answer.headers["Content-Type"] == formats.EXCEL
    assert ".xlsx" in answer.headers["Content-Disposition"]
    header, row = load_workbook(io.BytesIO(answer.content)).active.values  # type: ignore[union-attr]
    found = dict(zip(header, row, strict=True))
    assert found["title"] == "'=HYPERLINK(1)"
    assert found["remote_id"] == "'+90 212"
    assert found["priority"] == 3


def test_a_workbook_takes_characters_that_excel_does_not(admin: Caller) -> None:
    a_denial_reason(title="bell\x07 and " + "x" * 200)

    assert admin.get(f"{SIMPLE}?format=xlsx").status == 200


def test_accept_chooses_and_format_beats_it(admin: Caller) -> None:
    a_denial_reason()

    by_accept = admin.get(SIMPLE, accept="text/csv, application/json;q=0.5")
    beaten = admin.get(f"{SIMPLE}?format=json", accept="text/csv")
    browser = admin.get(SIMPLE, accept="text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")

    assert by_accept.headers["Content-Type"].startswith("text/csv")
    assert beaten.headers["Content-Type"] == "application/json"
    assert browser.headers["Content-Type"] == "application/json"


def test_an_export_of_too_many_rows_is_refused(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_ROWS", 2)
    for _ in range(3):
        a_denial_reason()

    answer = admin.get(f"{SIMPLE}?format=csv")

    assert (answer.status, answer.json["code"]) == (400, "too_many_rows")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+90 555", "'+90 555"),
        ("-x", "'-x"),
        ("@cmd", "'@cmd"),
        ("\t=1", "'\t=1"),
        ("-12.50", "-12.50"),
        ("12.50", "12.50"),
        ("plain = text", "plain = text"),
        (None, ""),
        (True, "true"),
        (7, 7),
        ({"a": 1}, '{"a":1}'),
        ([1, "=x"], '[1,"=x"]'),
    ],
)
def test_cells(value: Any, expected: Any) -> None:
    assert cell(value) == expected


class PlaceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()


class LineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()


class TreeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    city = PlaceSerializer()
    lines = LineSerializer(many=True)


def test_nested_keys_become_columns_and_lists_stay_one() -> None:
    documents: list[dict[str, Any]] = [
        {"id": 1, "city": {"name": "Ankara"}, "lines": [{"sku": "A"}]},
        {"id": 2, "city": None, "lines": []},
    ]

    def found(ids: Sequence[int]) -> list[dict[str, Any]]:
        return [documents[number - 1] for number in ids]

    answer = formats.export("csv", "trees", columns_of(TreeSerializer()), [1, 2], found)
    rows = rows_of(b"".join(answer))

    assert rows == [
        {"id": "1", "city.name": "Ankara", "lines": '[{"sku":"A"}]'},
        {"id": "2", "city.name": "", "lines": "[]"},
    ]


def test_xml() -> None:
    data = {"count": 1, "results": [{"id": 5, "command.slug": "pack", "1st": "a<b\x00", "none": None}]}

    root = ElementTree.fromstring(XMLRenderer().render(data))

    assert root.tag == "root"
    item = root.find("results/list-item")
    assert item is not None
    assert item.findtext("command.slug") == "pack"
    assert item.findtext("_1st") == "a<b"
    assert item.findtext("none") == ""


def test_html_escapes() -> None:
    page = HTMLRenderer().render({"results": [{"name": "<script>", "quantity": 2}]})

    assert "<th>name</th><th>quantity</th>" in page
    assert "<td>&lt;script&gt;</td><td>2</td>" in page
