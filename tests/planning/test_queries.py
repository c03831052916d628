from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packhouse.planning import queries
from packhouse.planning.queries import QueryInvalid
from packhouse.planning.query_fields import FIELDS, Scope
from packhouse.planning.query_values import OPERATORS, fold

PLACED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "order.amount": Decimal("500.00"),
    "order.item_count": Decimal(3),
    "order.channel": 4,
    "order.delivery_type": "standard",
    "order.segment": None,
    "order.date_placed": PLACED,
    "order.has_gift_box": True,
    "order.city": "İSTANBUL",
    "order.extra_field": {"wave": 7, "note": "fragile", "gift": True, "codes": ["x1", "x2"], "none": None},
    "product.attributes": {"bulky": "no", "weight": "2.50"},
}


def holds(field: str, op: str, value: object, scope: Scope = Scope.PRODUCT) -> bool:
    return queries.parse({"field": field, "op": op, "value": value}, scope).holds(FACTS)


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("order.amount", "eq", "500", True),
        ("order.amount", "eq", 500, True),
        ("order.amount", "ne", "500.00", False),
        ("order.amount", "in", ["1", 500], True),
        ("order.amount", "not_in", ["1", "2"], True),
        ("order.amount", "gt", "500", False),
        ("order.amount", "gte", "500", True),
        ("order.amount", "lt", "500.01", True),
        ("order.amount", "lte", "499.99", False),
        ("order.item_count", "lte", 5, True),
        ("order.channel", "in", [3, "4"], True),
        ("order.delivery_type", "eq", "standard", True),
        ("order.delivery_type", "eq", "Standard", False),
        ("order.delivery_type", "contains", "and", True),
        ("order.delivery_type", "starts_with", "stan", True),
        ("order.delivery_type", "starts_with", "and", False),
        ("order.has_gift_box", "eq", True, True),
        ("order.has_gift_box", "ne", True, False),
        ("order.city", "eq", "istanbul", True),
        ("order.city", "in", ["Ankara", "Istanbul"], True),
        ("order.city", "starts_with", "ıst", True),
        ("order.date_placed", "gte", "2026-03-02T12:30:00+03:00", True),
        ("order.date_placed", "gt", "2026-03-02T12:30:00+03:00", False),
        ("order.date_placed", "lt", "2026-03-03", True),
        ("order.date_placed", "gte", "2026-03-02T09:30:00", True),
        ("order.extra_field.wave", "eq", 7, True),
        ("order.extra_field.wave", "eq", "7", True),
        ("order.extra_field.wave", "gt", "6.5", True),
        ("order.extra_field.note", "gt", 1, False),
        ("order.extra_field.note", "contains", "agil", True),
        ("order.extra_field.gift", "eq", True, True),
        ("order.extra_field.gift", "eq", "true", True),
        ("order.extra_field.codes", "eq", "x2", True),
        ("order.extra_field.codes", "ne", "x3", True),
        ("order.extra_field.codes", "contains", "2", True),
        ("product.attributes.bulky", "ne", "yes", True),
        ("product.attributes.weight", "eq", 2.5, True),
        ("product.attributes.weight", "eq", "2.5", False),
    ],
)
def test_operators(field: str, op: str, value: object, expected: bool) -> None:
    assert holds(field, op, value) is expected


@pytest.mark.parametrize("field", ["order.segment", "order.extra_field.none", "order.extra_field.absent"])
@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", "vip", False),
        ("ne", "vip", True),
        ("in", ["vip"], False),
        ("not_in", ["vip"], True),
        ("contains", "v", False),
        ("starts_with", "v", False),
        ("exists", False, True),
        ("exists", True, False),
    ],
)
def test_a_missing_value_satisfies_ne_not_in_and_exists_false_only(
    field: str, op: str, value: object, expected: bool
) -> None:
    assert holds(field, op, value) is expected


@pytest.mark.parametrize("op", ["gt", "gte", "lt", "lte"])
def test_a_missing_value_is_neither_more_nor_less(op: str) -> None:
    assert holds("order.extra_field.absent", op, 1) is False


def test_all_any_not() -> None:
    true = {"field": "order.channel", "op": "eq", "value": 4}
    false = {"field": "order.channel", "op": "eq", "value": 5}

    def value(document: object) -> bool:
        return queries.parse(document, Scope.ORDER).holds(FACTS)

    assert value({"all": [true, true]})
    assert not value({"all": [true, false]})
    assert value({"any": [false, true]})
    assert not value({"any": [false, false]})
    assert value({"not": false})
    assert value({"all": [true, {"not": {"any": [false, {"all": [true, false]}]}}]})


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"field": "order.colour", "op": "eq", "value": 1}, "field"),
        ({"field": "order.extra_field", "op": "exists", "value": True}, "field"),
        ({"field": "order.extra_field.", "op": "exists", "value": True}, "field"),
        ({"field": 7, "op": "eq", "value": 1}, "field"),
        ({"field": "order.amount", "op": "contains", "value": "5"}, "op"),
        ({"field": "order.amount", "op": ["eq"], "value": "5"}, "op"),
        ({"field": "order.has_gift_box", "op": "gt", "value": True}, "op"),
        ({"field": "order.amount", "op": "eq", "value": "much"}, "value"),
        ({"field": "order.amount", "op": "eq", "value": True}, "value"),
        ({"field": "order.amount", "op": "eq", "value": None}, "value"),
        ({"field": "order.amount", "op": "eq", "value": float("nan")}, "value"),
        ({"field": "order.amount", "op": "gt", "value": "1e999999"}, "value"),
        ({"field": "order.channel", "op": "eq", "value": 4.5}, "value"),
        ({"field": "order.channel", "op": "eq", "value": 10**5000}, "value"),
        ({"field": "order.has_gift_box", "op": "eq", "value": "yes"}, "value"),
        ({"field": "order.currency", "op": "eq", "value": 4}, "value"),
        ({"field": "order.currency", "op": "contains", "value": ""}, "value"),
        ({"field": "order.date_placed", "op": "gt", "value": "yesterday"}, "value"),
        ({"field": "order.date_placed", "op": "gt", "value": 5}, "value"),
        ({"field": "order.amount", "op": "in", "value": "5"}, "value"),
        ({"field": "order.amount", "op": "in", "value": []}, "value"),
        ({"field": "order.amount", "op": "not_in", "value": ["5", "many"]}, "value.1"),
        ({"field": "order.segment", "op": "exists", "value": "true"}, "value"),
        ({"field": "order.extra_field.x", "op": "eq", "value": [1]}, "value"),
        ({"field": "order.amount", "op": "eq"}, "value"),
        ({"op": "eq", "value": 1}, "field"),
        ({"field": "order.amount", "op": "eq", "value": 1, "note": ""}, "note"),
        ({"all": []}, "all"),
        ({"any": {}}, "any"),
        ({"not": []}, "not"),
        (
            {"all": [{"not": {"any": [{"field": "order.x", "op": "eq", "value": 1}]}}]},
            "all.0.not.any.0.field",
        ),
        ({"all": [], "any": []}, "all"),
        ({}, "field"),
        ([], ""),
        ("order.amount > 5", ""),
        (None, ""),
    ],
)
def test_a_wrong_query_is_refused_with_the_place(document: object, path: str) -> None:
    with pytest.raises(QueryInvalid) as caught:
        queries.parse(document, Scope.ORDER)
    assert path in [".".join(map(str, place)) for place, _ in caught.value.errors]


def test_every_error_is_told_at_once() -> None:
    wrong = {
        "all": [{"field": "a", "op": "eq", "value": 1}, {"field": "order.amount", "op": "?", "value": 1}]
    }
    with pytest.raises(QueryInvalid) as caught:
        queries.parse(wrong, Scope.ORDER)
    assert [place for place, _ in caught.value.errors] == [("all", 0, "field"), ("all", 1, "op")]


def test_a_query_that_holds_itself_is_refused() -> None:
    cycle: dict[str, Any] = {}
    cycle["not"] = cycle
    with pytest.raises(QueryInvalid, match="nested deeper"):
        queries.parse(cycle, Scope.ORDER)


def test_a_query_of_thousands_of_conditions_is_refused() -> None:
    one = {"field": "order.amount", "op": "eq", "value": 1}
    with pytest.raises(QueryInvalid, match="more than 500"):
        queries.parse({"any": [one] * 501}, Scope.ORDER)
    queries.parse({"any": [one] * 500}, Scope.ORDER)


@pytest.mark.parametrize(
    ("field", "scopes"),
    [
        ("order.amount", set(Scope)),
        ("customer.user_type", set(Scope)),
        ("product.sku", {Scope.PRODUCT}),
        ("product.attributes.bulky", {Scope.PRODUCT}),
        ("package.stock_location", {Scope.TRANSFER, Scope.CARRIER}),
        ("package.weight", {Scope.CARRIER}),
    ],
)
def test_a_field_is_known_only_where_it_has_a_value(field: str, scopes: set[Scope]) -> None:
    known = set()
    for scope in Scope:
        try:
            queries.parse({"field": field, "op": "exists", "value": True}, scope)
        except QueryInvalid:
            continue
        known.add(scope)
    assert known == scopes


def test_the_field_list_names_every_field_of_the_specification() -> None:
    order = (
        "amount item_count line_count currency channel delivery_type shipping_option_slug payment_type segment "
        "language_code date_placed has_gift_box country city township district extra_field.<key>"
    )
    product = "sku base_code attributes.<key> unit_type"
    package = "stock_location stock_location_type city weight desi pay_on_delivery_amount"
    expected = {
        *(f"order.{name}" for name in order.split()),
        "customer.user_type",
        *(f"product.{name}" for name in product.split()),
        *(f"package.{name}" for name in package.split()),
    }

    listed = queries.describe_fields()

    assert {row["field"] for row in listed} == expected
    assert {op for row in listed for op in row["operators"]} == {
        *("eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte"),
        *("contains", "starts_with", "exists"),
    }
    assert all(row["type"] and row["used_in"] for row in listed)


def test_a_query_keeps_its_document() -> None:
    document = {"not": {"field": "order.amount", "op": "gte", "value": "500"}}
    query = queries.parse(document, Scope.ORDER)
    assert query.document == document
    assert query == queries.parse(dict(document), Scope.ORDER)
    assert query != queries.parse({"not": document}, Scope.ORDER)


@pytest.mark.parametrize("name", ["DİYARBAKIR", "Diyarbakır", "diyarbakir", "DIYARBAKIR"])
def test_names_of_places_are_compared_without_case_and_dots(name: str) -> None:
    assert fold(name) == "diyarbakir"


leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("order.amount"))
documents = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["all", "any", "not", "field", "op", "value"]), inner, max_size=3),
        st.fixed_dictionaries(
            {
                "field": st.sampled_from([field.name for field in FIELDS] + ["product.attributes.x"]),
                "op": st.sampled_from([op for ops in OPERATORS.values() for op in ops]),
                "value": inner,
            }
        ),
    ),
    max_leaves=8,
)


@given(documents, st.sampled_from(Scope))
def test_any_document_is_a_query_or_refused(document: object, scope: Scope) -> None:
    try:
        query = queries.parse(document, scope)
    except QueryInvalid:
        return
    assert query.holds(FACTS) in (True, False)
    assert query.holds({}) in (True, False)
