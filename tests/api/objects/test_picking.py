"""Pick lists and transfer sheets: what stands on them, read again from the rendered page, and who gets them."""

import io
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from packhouse.api import throttling
from packhouse.invoicing.models import Document
from packhouse.kernel.models import Role
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.transfers.models import TransferItem
from packhouse.transfers.states import TransferStatus
from tests.api.callers import Answer, Caller, a_caller
from tests.api.objects.answers import counted
from tests.builders import (
    a_cargo_company,
    a_location,
    a_package,
    a_package_item,
    a_product,
    a_transfer,
    an_order,
    an_order_item,
)

pytestmark = pytest.mark.django_db

POINTS_PER_MM = 72 / 25.4
READY = PackageStatus.READY_FOR_PACKAGING


def pages(answer: Answer) -> list[Any]:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.content[:300]
    return list(pypdfium2.PdfDocument(io.BytesIO(answer.content)))


def text_of(answer: Answer) -> str:
    text = " ".join(page.get_textpage().get_text_range() for page in pages(answer))
    return " ".join(text.replace("\xa0", " ").split())


def barcodes(answer: Answer) -> set[str]:
    pictures = [page.render(scale=12 / POINTS_PER_MM).to_pil() for page in pages(answer)]
    return {code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)}


def a_wave(location: Any, product: Any, *quantities: str) -> list[Package]:
    """A package for each quantity of the same goods, ready at the location."""
    made = []
    for quantity in quantities:
        order = an_order(items=0)
        package = a_package(state=READY, order=order, stock_location=location)
        item = an_order_item(order=order, product=product, quantity=Decimal(quantity))
        a_package_item(package=package, order_item=item)
        made.append(package)
    return made


@pytest.mark.parametrize("paper", ["a4", "80mm"])
def test_a_packages_pick_list_has_a_barcode_per_line(operator: Caller, paper: str) -> None:
    package = a_package(state=READY, order=an_order(items=2, has_gift_box=True))
    products = [item.order_item.product for item in package.items.select_related("order_item__product")]

    answer = operator.get(f"packages/{package.pk}/document/?kind=pick_list&paper={paper}")

    assert barcodes(answer) == {package.number, *(product.barcode for product in products)}
    text = text_of(answer)
    for expected in (
        "Pick list",
        "Gift",
        package.order.number,
        package.stock_location.name,
        package.stock_location.erp_code,
        *(product.name for product in products),
        *(product.sku for product in products),
    ):
        assert expected in text
    assert answer.headers["Content-Disposition"] == f'inline; filename="pick_list-{package.pk}.pdf"'
    if paper == "80mm":
        (page,) = pages(answer)
        assert round(page.get_size()[0] / POINTS_PER_MM) == 80


def test_no_pick_list_tells_prices(operator: Caller) -> None:
    package = a_package(state=READY)

    assert "250" not in text_of(operator.get(f"packages/{package.pk}/document/?kind=pick_list"))


def test_it_is_in_the_language_of_its_reader(operator: Caller) -> None:
    package = a_package(state=READY)
    transfer = a_transfer()

    listed = operator.get(f"packages/{package.pk}/document/?kind=pick_list", accept_language="tr")
    sheet = operator.get(f"transfer_orders/{transfer.pk}/document/", accept_language="tr")

    assert "Toplama listesi" in text_of(listed)
    assert "Transfer belgesi" in text_of(sheet)
    assert "Teslim alan" in text_of(sheet)


def test_a_wave_sums_equal_goods_and_says_whose_they_are(operator: Caller) -> None:
    location, product = a_location(), a_product(name="Çorap & <uzun>")
    first, second = a_wave(location, product, "2", "3")

    answer = operator.get(f"packages/pick-list/?id__in={second.pk},{first.pk}")

    text = text_of(answer)
    assert f"{first.number} × 2, {second.number} × 3" in text
    assert text.count("Çorap & <uzun>") == 1
    assert " 5 [ ]" in text
    assert barcodes(answer) == {product.barcode}
    assert "Packages 2" in text


def test_kilograms_are_written_as_the_language_writes_them(operator: Caller) -> None:
    (package,) = a_wave(a_location(), a_product(unit_type="kg"), "1.250")

    answer = operator.get(f"packages/{package.pk}/document/?kind=pick_list", accept_language="tr")

    assert "1,25 kg" in text_of(answer)


def test_a_line_may_be_longer_than_a_page(operator: Caller) -> None:
    location, product = a_location(), a_product(name="N " * 250)
    packages = a_wave(location, product, *["1"] * 60)
    for package in packages:
        Package.objects.filter(pk=package.pk).update(number=f"{package.pk:0>78}P1")

    answer = operator.get(f"packages/pick-list/?stock_location={location.pk}")

    assert len(pages(answer)) > 2
    assert "Packages 60" in text_of(answer)


def test_two_hundred_may_be_asked_for_at_once(operator: Caller) -> None:
    ids = ",".join(str(900000 + number) for number in range(200))

    for address in ("packages/pick-list/", "packages/labels/", "transfer_orders/sheets/"):
        assert operator.get(f"{address}?id__in={ids}").json["id__in"] == [
            f"Unknown: {ids.replace(',', ', ')}."
        ]


def test_each_location_has_a_list_of_its_own(operator: Caller) -> None:
    here, there = a_location(name="Ankara"), a_location(name="Bursa")
    (one,), (other,) = a_wave(here, a_product(), "1"), a_wave(there, a_product(), "1")

    answer = operator.get(f"packages/pick-list/?id__in={other.pk},{one.pk}")

    texts = [page.get_textpage().get_text_range() for page in pages(answer)]
    assert ["Ankara" in text for text in texts] == [True, False]
    assert ["Bursa" in text for text in texts] == [False, True]


def test_a_locations_wave_is_the_oldest_that_can_be_packed_there(operator: Caller) -> None:
    location = a_location()
    oldest, second, third = a_wave(location, a_product(), "1", "1", "1")
    elsewhere = a_package(state=READY)
    packed = a_package(state=PackageStatus.PACKED, stock_location=location)
    waiting = a_package(state=PackageStatus.WAITING_FOR_TRANSFER, stock_location=location)

    every = text_of(operator.get(f"packages/pick-list/?stock_location={location.pk}"))
    two = text_of(operator.get(f"packages/pick-list/?stock_location={location.pk}&limit=2"))

    for package in (oldest, second, third):
        assert package.number in every
    for package in (elsewhere, packed, waiting):
        assert package.number not in every
    assert third.number not in two
    assert "Packages 2" in two


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "id__in", "missing_parameter"),
        ("id__in=", "id__in", "invalid_parameter"),
        ("id__in=1,,2", "id__in", "invalid_parameter"),
        ("id__in=x", "id__in", "invalid_parameter"),
        ("id__in=1&id__in=2", "id__in", "invalid_parameter"),
        ("id__in=0", "id__in", "invalid_parameter"),
        (f"id__in={'9' * 18}", "id__in", "invalid_parameter"),
        (f"id__in={'9' * 19}", "id__in", "invalid_parameter"),
        (f"id__in={','.join(map(str, range(1, 202)))}", "id__in", "invalid_parameter"),
        ("{place}={location}&id__in=1", "id__in", "invalid_parameter"),
        ("{place}={location}&limit=0", "limit", "invalid_parameter"),
        ("{place}={location}&limit=201", "limit", "invalid_parameter"),
        ("{place}={location}&limit=x", "limit", "invalid_parameter"),
        ("{place}=", "{place}", "invalid_parameter"),
        ("{place}=999999", "{place}", "invalid_parameter"),
        ("{place}={location}&paper=a5", "paper", "invalid_parameter"),
    ],
)
@pytest.mark.parametrize(
    ("address", "place"), [("packages/pick-list/", "stock_location"), ("transfer_orders/sheets/", "source")]
)
def test_bad_input_names_the_field(
    operator: Caller, address: str, place: str, query: str, field: str, code: str
) -> None:
    throttling.forget()
    location = a_location().pk

    answer = operator.get(f"{address}?{query.format(place=place, location=location)}")

    assert (answer.status, answer.json["code"]) == (400, code)
    assert field.format(place=place) in answer.json


def test_what_is_not_to_be_picked_is_named(operator: Caller) -> None:
    (ready,) = a_wave(a_location(), a_product(), "1")
    packed = a_package(state=PackageStatus.PACKED)

    answer = operator.get(f"packages/pick-list/?id__in={ready.pk},{packed.pk}")

    assert answer.status == 400
    assert answer.json["id__in"] == [f"Nothing of these is to be picked now: {packed.pk}."]
    assert operator.get(f"packages/{packed.pk}/document/?kind=pick_list").status == 404
    assert operator.get(f"packages/pick-list/?stock_location={packed.stock_location_id}").status == 404


@pytest.mark.parametrize("paper", ["a4", "80mm"])
def test_a_transfer_sheet_goes_with_the_goods(operator: Caller, paper: str) -> None:
    transfer = a_transfer(
        source=a_location(name="Depo İzmir"),
        cargo_company=a_cargo_company(name="Hızlı"),
        tracking_number="T77",
    )
    products = [item.product for item in transfer.items.select_related("product")]

    answer = operator.get(f"transfer_orders/{transfer.pk}/document/?paper={paper}")

    assert barcodes(answer) == {transfer.number, *(product.barcode for product in products)}
    text = text_of(answer)
    for expected in (
        "Transfer sheet",
        "Depo İzmir",
        transfer.source.erp_code,
        transfer.destination.name,
        transfer.destination.erp_code,
        transfer.package.number,
        transfer.package.order.number,
        "Hızlı",
        "T77",
        "Handed over by",
        *(product.name for product in products),
    ):
        assert expected in text


def test_goods_that_do_not_travel_are_left_out(operator: Caller) -> None:
    transfer = a_transfer()
    missing, sent = transfer.items.select_related("product").order_by("id")
    TransferItem.objects.filter(pk=missing.pk).update(state=TransferStatus.OUT_OF_STOCK)

    text = text_of(operator.get(f"transfer_orders/{transfer.pk}/document/"))

    assert sent.product.sku in text
    assert missing.product.sku not in text
    TransferItem.objects.update(state=TransferStatus.CANCELLED)
    assert operator.get(f"transfer_orders/{transfer.pk}/document/").status == 404
    refused = operator.get(f"transfer_orders/sheets/?id__in={transfer.pk}")
    assert refused.json["id__in"] == [f"Nothing of these is to be transferred: {transfer.pk}."]


def test_a_kept_document_of_a_transfer_is_shown_by_its_kind(operator: Caller) -> None:
    transfer = a_transfer()
    address = f"transfer_orders/{transfer.pk}/document/?kind=despatch"

    assert operator.get(address).status == 404
    Document.objects.create(transfer_order=transfer, kind="despatch", document_type="pdf", content=b"%PDF-9")
    assert operator.get(address).content == b"%PDF-9"


def test_a_sources_sheets_are_those_that_have_not_left(operator: Caller) -> None:
    source = a_location()
    first, second = a_transfer(source=source), a_transfer(source=source)
    left, elsewhere = a_transfer(source=source, state=TransferStatus.IN_TRANSIT), a_transfer()

    answer = operator.get(f"transfer_orders/sheets/?source={source.pk}")

    assert len(pages(answer)) == 2
    text = text_of(answer)
    assert text.index(first.number) < text.index(second.number)
    assert left.number not in text
    assert elsewhere.number not in text
    assert left.number in text_of(operator.get(f"transfer_orders/sheets/?id__in={left.pk}"))


def test_a_store_user_gets_those_of_its_own_location(nobody: Caller) -> None:
    own, foreign = a_package(state=READY), a_package(state=READY)
    sent, other = a_transfer(source=own.stock_location), a_transfer()
    store = a_caller(Role.STORE, locations=[own.stock_location])
    for address, mine, theirs in (
        ("packages/pick-list/?id__in={}", own.pk, foreign.pk),
        ("packages/pick-list/?stock_location={}", own.stock_location_id, foreign.stock_location_id),
        ("packages/{}/document/?kind=pick_list", own.pk, foreign.pk),
        ("transfer_orders/sheets/?id__in={}", sent.pk, other.pk),
        ("transfer_orders/sheets/?source={}", sent.source_id, other.source_id),
        ("transfer_orders/{}/document/", sent.pk, other.pk),
    ):
        assert store.get(address.format(mine)).status == 200, address
        assert store.get(address.format(theirs)).status == 403, address
        assert nobody.get(address.format(mine)).status == 401, address


def test_statements_do_not_grow_with_the_wave(operator: Caller) -> None:
    location, source = a_location(), a_location()

    def taken(address: str) -> int:
        statements, answer = counted(operator, address)
        assert answer.status == 200
        return statements

    addresses = (
        f"packages/pick-list/?stock_location={location.pk}",
        f"transfer_orders/sheets/?source={source.pk}",
    )
    a_wave(location, a_product(), "1")
    a_transfer(source=source)
    few = [taken(address) for address in addresses]
    a_wave(location, a_product(), "1", "1", "1")
    for _more in range(3):
        a_transfer(source=source)
    assert [taken(address) for address in addresses] == few
