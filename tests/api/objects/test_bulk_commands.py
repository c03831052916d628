"""Bulk commands (page 50) where lines share a transaction: still each by itself, in order, once per key."""

from typing import Any

import pytest

from packhouse.kernel.models import Event, IdempotentRequest, Role, StateTransitionLog
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.api.callers import Caller, a_caller
from tests.builders import a_channel, a_location, a_package, a_product, an_order

pytestmark = pytest.mark.django_db
UNKNOWN = 90_000_000


def some_packages(count: int, **fields: Any) -> list[Package]:
    location, product, channel = a_location(), a_product(), a_channel()
    return [
        a_package(order=an_order(products=[product], channel=channel), stock_location=location, **fields)
        for _ in range(count)
    ]


def states(packages: list[Package]) -> list[str]:
    return [Package.objects.get(pk=package.pk).state for package in packages]


def codes(rows: list[dict[str, Any]]) -> list[int]:
    return [row["status_code"] for row in rows]


def test_a_thousand_lines_are_answered_in_order(admin: Caller) -> None:
    packages = some_packages(20)
    lines = [{"package": UNKNOWN + n, "slug": "complete-packaging"} for n in range(1000)]
    for n, package in enumerate(packages):
        lines[n * 50 + 7]["package"] = package.pk

    answer = admin.post("packages/commands/", lines)

    assert answer.status == 200
    assert [row["index"] for row in answer.json] == list(range(1000))
    assert [row["package"] for row in answer.json] == [line["package"] for line in lines]
    assert codes(answer.json) == [204 if n % 50 == 7 else 404 for n in range(1000)]
    assert set(states(packages)) == {"500"}


def test_a_refused_line_has_the_body_of_the_single_call(admin: Caller) -> None:
    good, packed, single = *some_packages(1), *some_packages(2, state=P.PACKED)
    line = {"slug": "complete-packaging", "input_parameters": {}}

    rows = admin.post(
        "packages/commands/", [{**line, "package": package.pk} for package in (good, packed)]
    ).json
    alone = admin.post(f"packages/{single.pk}/command/", line)

    assert codes(rows) == [204, 400]
    assert {key: rows[1][key] for key in ("error", "status_code", "code")} == alone.json


def test_a_line_that_fails_in_its_body_takes_no_other_with_it(admin: Caller) -> None:
    packages = some_packages(3)
    blocked = some_packages(1, state=P.BLOCKED)[0]  # nothing says what it was before
    lines = [{"package": package.pk, "slug": "complete-packaging"} for package in packages]
    lines.insert(1, {"package": blocked.pk, "slug": "UnblockThePackageCommand"})

    rows = admin.post("packages/commands/", lines).json

    assert codes(rows) == [204, 400, 204, 204]
    assert states(packages) == ["500"] * 3
    assert states([blocked]) == [P.BLOCKED]
    assert StateTransitionLog.objects.filter(content_type__model="package").count() == 3


def test_lines_on_one_package_run_one_after_the_other(admin: Caller) -> None:
    first, second = some_packages(2)
    slugs = ["start-preparing", "CompletePackagingCommand", "complete-packaging", "ship-the-package"]
    lines = [{"package": package.pk, "slug": slug} for slug in slugs for package in (first, second)]

    rows = admin.post("packages/commands/", lines).json

    assert codes(rows) == [204, 204, 204, 204, 400, 400, 204, 204]
    assert states([first, second]) == [P.SHIPPED] * 2


def test_keys_of_lines_that_share_a_transaction_are_kept_with_it(admin: Caller) -> None:
    packages = some_packages(3)
    packed = some_packages(1, state=P.PACKED)[0]
    lines = [
        {"package": package.pk, "slug": "complete-packaging", "idempotency_key": f"K{package.pk}"}
        for package in (*packages, packed)
    ]

    first = admin.post("packages/commands/", lines[:2]).json
    events = Event.objects.count()
    again = admin.post("packages/commands/", lines).json

    assert codes(first) == [204, 204]
    assert again[:2] == first
    assert codes(again) == [204, 204, 204, 400]
    assert Event.objects.filter(subject__in=[f"package/{each.pk}" for each in packages[:2]]).count() == events
    assert IdempotentRequest.objects.count() == 4
    Package.objects.filter(pk=packed.pk).update(state=P.WAITING)
    assert admin.post("packages/commands/", lines).json == again


def test_a_key_of_the_whole_request_replays_it(admin: Caller) -> None:
    lines = [{"package": package.pk, "slug": "complete-packaging"} for package in some_packages(2)]

    first = admin.post("packages/commands/", lines, Idempotency_Key="bulk-1")
    again = admin.post("packages/commands/", lines, Idempotency_Key="bulk-1")

    assert codes(first.json) == [204, 204]
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")


def test_rights_are_checked_line_by_line() -> None:
    mine, *others = some_packages(1), *some_packages(2)
    store = a_caller(Role.STORE, locations=[mine[0].stock_location])
    lines = [{"package": package.pk, "slug": "complete-packaging"} for package in (*mine, *others)]

    rows = store.post("packages/commands/", lines).json

    assert codes(rows) == [204, 403, 403]
    assert states([*mine, *others]) == ["500", P.WAITING, P.WAITING]
