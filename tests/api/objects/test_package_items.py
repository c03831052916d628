"""Package items in both forms, and the state transition log."""

import pytest

from packhouse.kernel.models import Role, State, StateTransitionLog
from packhouse.packages.models import Discrepancy
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_denial_reason, a_package
from tests.payloads.examples import differences, example

pytestmark = pytest.mark.django_db


def test_an_item_carries_its_short_package_and_its_order_item(admin: Caller) -> None:
    package = a_package(items=1)
    item = package.items.get()
    item.denial_reason, item.selected_barcode = a_denial_reason(), "8680000000012"
    item.save()
    Discrepancy.objects.create(
        package=package,
        package_item=item,
        stock_location=package.stock_location,
        sku="X",
        quantity=1,
        reason="damaged",
    )

    row = admin.get(f"packages/package-items/{item.pk}/").json

    published = example("package")["packageitem_set"][0]
    own = {
        key: value for key, value in row.items() if key in published and key not in ("order_item", "package")
    }
    assert differences(own, {key: published[key] for key in own}) == []
    assert (row["package"]["id"], row["package"]["state"]) == (package.pk, "100")
    assert row["order_item"]["id"] == item.order_item_id
    assert row["denial_reason"]["id"] == item.denial_reason_id
    assert [found["reason"] for found in row["discrepancies"]] == ["damaged"]
    assert row["transfer_orders"] == []


@pytest.mark.parametrize("base", ["/api/v1/package-item", "package-item"])
def test_the_older_form_has_ids_and_no_quantity(admin: Caller, base: str) -> None:
    package = a_package(items=1)
    item = package.items.get()
    new = admin.get(f"packages/package-items/{item.pk}/").json

    old = admin.get(f"{base}/{item.pk}/").json

    assert set(new) - set(old) == {"quantity"}
    assert (old["package"], old["order_item"], old["denial_reason"]) == (package.pk, item.order_item_id, None)
    assert ids(admin.get(f"{base}/")) == ids(admin.get(base)) == [item.pk]


@pytest.mark.parametrize(
    "query", ["package={package}", "package__number={number}", "state={state}", "state__enum_value=200"]
)
def test_filters(admin: Caller, query: str) -> None:
    wanted, _other = a_package(items=1), a_package(items=1)
    assert admin.post(f"packages/{wanted.pk}/command/", {"slug": "start-preparing"}).status == 204
    state = State.objects.get(enum_class="PackageItemStatus", enum_value="200")
    filled = query.format(package=wanted.pk, number=wanted.number, state=state.pk)

    assert ids(admin.get(f"packages/package-items/?{filled}")) == [wanted.items.get().pk]


def test_a_store_user_sees_its_own_items() -> None:
    own, foreign = a_package(items=1), a_package(items=1)
    store = a_caller(Role.STORE, locations=[own.stock_location])

    assert ids(store.get("packages/package-items/")) == [own.items.get().pk]
    assert store.get(f"packages/package-items/{foreign.items.get().pk}/").status == 403
    assert store.get(f"package-item/{foreign.items.get().pk}/").status == 403
    assert store.get("packages/package-items/99999999/").status == 404


# The log


def moved(caller: Caller) -> int:
    package = a_package(items=1)
    assert caller.post(f"packages/{package.pk}/command/", {"slug": "start-preparing"}).status == 204
    return package.pk


@pytest.mark.parametrize(
    "query",
    [
        "old_state={old}&new_state={new}",
        "old_state__name=Waiting&new_state__name=Preparing",
        "old_state__enum_value__in=100,150&new_state__enum_value__in=200",
        "object_id={package}",
        "content_type={type}",
        "enum_class=PackageStatus",
        "user={user}",
        "slug=start-preparing",
        "created_date__gte=2020-01-01&modified_date__lt=2099-01-01",
        "id__gte={id}&id__lte={id}",
    ],
)
def test_published_filters_of_the_log(admin: Caller, query: str) -> None:
    package = moved(admin)
    row = StateTransitionLog.objects.get(object_id=package, new_state__enum_class="PackageStatus")
    StateTransitionLog.objects.create(
        content_type=State.objects.get(enum_class="TransferStatus", enum_value="waiting").content_type,
        object_id=7,
        new_state=State.objects.get(enum_class="TransferStatus", enum_value="waiting"),
        created_date="2019-01-01T00:00:00Z",
    )
    assert admin.user
    filled = query.format(
        old=row.old_state_id,
        new=row.new_state_id,
        package=package,
        type=row.content_type_id,
        user=admin.user.pk,
        id=row.pk,
    )

    assert ids(admin.get(f"state-transition-logs/?{filled}")) == [row.pk]


def test_a_row_of_the_log(admin: Caller) -> None:
    package = moved(admin)

    page = admin.get("state-transition-logs/").json
    row = page["results"][0]

    assert (row["object_id"], row["old_state"]["enum_value"], row["new_state"]["enum_value"]) == (
        package,
        "100",
        "200",
    )
    assert admin.get(f"state-transition-logs/{row['id']}/").json == row
    assert b"<root>" in admin.get("state-transition-logs/?format=xml").content
    assert admin.get("state-transition-logs/?format=csv").status == 406
    for query in ("old_state=x", "sort=object_id", "colour=1"):
        assert admin.get(f"state-transition-logs/?{query}").status == 400, query


def test_ten_rows_a_page_and_a_fixed_number_of_statements(admin: Caller) -> None:
    for _ in range(11):
        moved(admin)

    assert len(ids(admin.get("state-transition-logs/"))) == 10
    assert grows(admin, "state-transition-logs/?limit=100", lambda: moved(admin), by=3) == 0


def test_a_store_user_sees_the_log_of_its_own(admin: Caller) -> None:
    own, foreign = moved(admin), moved(admin)
    row = StateTransitionLog.objects.get(object_id=foreign, new_state__enum_class="PackageStatus")
    location = admin.get(f"packages/{own}/").json["stock_location"]["id"]
    store = a_caller(Role.INTEGRATION, user_scopes=["read"], location_ids=[location])

    assert {entry["object_id"] for entry in store.get("state-transition-logs/").json["results"]} == {own}
    assert store.get(f"state-transition-logs/{row.pk}/").status == 403
