"""A page of 20 rows takes as many statements as one of 2, on every list of the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from packhouse.api import throttling
from packhouse.api.lists import DocumentListView
from packhouse.catalog.models import CancellationReason, CargoCompanyCondition
from packhouse.invoicing.models import Document
from packhouse.kernel import audit, exceptions, outbox
from packhouse.orders.models import CancellationPlan, CancellationPlanItem
from packhouse.packages.models import Discrepancy, Package
from packhouse.planning.models import ExecutionPlan, ExecutionPlanItem
from tests.api.callers import Caller
from tests.api.objects.answers import counted
from tests.builders import a_cargo_company, a_denial_reason, a_package, a_sender_address, a_user
from tests.payloads.worlds import a_whole_package, a_whole_transfer

pytestmark = pytest.mark.django_db

BASE = "api/v1/oms/"
FEW, MANY = 2, 20
# Their rows are the installation's, or made by what has tests of its own.
ELSEWHERE = frozenset(
    {
        "states/",
        "content_types/",
        "transitions/",
        "settings/application_settings/",
        "state-transition-logs/",  # tests/api/objects/test_package_items.py
        "scenarios/",  # tests/api/objects/test_scenarios.py
        "exceptions/",  # tests/api/objects/test_exceptions.py; one kind is one entry
        "whisperer/hooks/",  # tests/webhooks
        "whisperer/hook_events/",
        "whisperer/event_queues/",
        "scenarios/simulations/",
    }
)

# As planning keeps it, of a plan without rules.
NOTHING_EXPLAINED = {
    "order": "",
    "taken_at": "2026-03-02T09:00:00.000000Z",
    "attempt": 1,
    "scenario": None,
    "reason": None,
    "refused": [],
    "km": None,
    "placed": True,
    "silent": [],
    "rules": [],
    "packages": [],
    "not_placed": [],
}


def lists(resolver: Any = None, above: str = "") -> Iterator[str]:
    """Every list below the base that is no part of an object, each by its first address."""
    for found in (resolver or get_resolver()).url_patterns:
        route = above + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from lists(found, route)
        elif isinstance(found, URLPattern) and route.startswith(BASE) and "<" not in route:
            view = getattr(found.callback, "view_class", getattr(found.callback, "cls", None))
            alias = getattr(found.callback, "view_initkwargs", {}).get("alias")
            if isinstance(view, type) and issubclass(view, DocumentListView) and not alias:
                yield route.removeprefix(BASE)


LISTS = sorted(set(lists()) - ELSEWHERE)


def one_more(number: int) -> None:
    """One row more, at least, of everything."""
    package = a_whole_package()
    a_whole_transfer()
    a_package()
    _what_was_planned(package)
    _what_went_wrong(package, number)
    company = a_cargo_company()
    CargoCompanyCondition.objects.create(cargo_company=company, rules_configuration={})
    a_sender_address(stock_location=package.stock_location, cargo_company=company)
    CancellationReason.objects.create(omnitron_id=number, subject=f"Reason {number}")
    a_user()


def _what_was_planned(package: Package) -> None:
    item = package.items.select_related("order_item__product").order_by("id")[0]
    sku, erp_code = item.order_item.product.sku, package.stock_location.erp_code
    plan = ExecutionPlan.objects.create(
        order=package.order,
        state=ExecutionPlan.State.COMPLETED,
        explanation={
            **NOTHING_EXPLAINED,
            "lines": [[item.order_item_id, sku, 1]],
            "skus": [sku],
            "at": [[erp_code, 0, None, [3, 1]]],
        },
    )
    ExecutionPlanItem.objects.create(
        plan=plan,
        order_item=item.order_item,
        package_item_id=item.pk,
        stock_location=package.stock_location,
        quantity=1,
    )
    cancellation = CancellationPlan.objects.create(order=package.order, plan_type="cancel")
    CancellationPlanItem.objects.create(plan=cancellation, order_item=item.order_item, quantity=1)


def _what_went_wrong(package: Package, number: int) -> None:
    item = package.items.order_by("id")[0]
    item.denial_reason = a_denial_reason()
    item.save()
    Discrepancy.objects.create(
        package=package,
        package_item=item,
        stock_location=package.stock_location,
        sku="A",
        quantity=1,
        reason="damaged",
    )
    Document.objects.create(package=package, kind="packaging", document_type="pdf", content=b"%PDF")
    exceptions.report("order_not_planned", f"order/{number}", "no stock")
    entry = audit.Entry(url="/", user_id=None, uuid=outbox.new_uuid(), object_id=str(number))
    with audit.about(entry):
        audit.write()


def taken(caller: Caller, address: str) -> tuple[int, int]:
    """Statements of a second reading, and rows."""
    throttling.forget()
    statements, answer = counted(caller, f"{address}?limit={MANY}")
    return statements, len(answer.json["results"])


def test_twenty_rows_take_as_many_statements_as_two(admin: Caller) -> None:
    for number in range(FEW):
        one_more(number)
    few = {address: taken(admin, address) for address in LISTS}
    for number in range(FEW, MANY):
        one_more(number)
    many = {address: taken(admin, address) for address in LISTS}

    short = {address: rows for address, (_statements, rows) in many.items() if rows < MANY}
    # The second reading has a page more behind it, and so one statement to count them.
    grown = {
        address: (few[address][0], many[address][0])
        for address in LISTS
        if many[address][0] > few[address][0] + 1
    }
    assert short == {}, "`one_more` makes nothing of these, so they were not tried"
    assert grown == {}


def test_there_are_as_many_lists_as_the_page_says() -> None:
    assert len(LISTS) > 30
    assert set(lists()) >= ELSEWHERE - {"scenarios/simulations/"}
