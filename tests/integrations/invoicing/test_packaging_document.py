"""The packaging document: everything that page 80 wants on it, on both papers, read again from the rendered page."""

import base64
import io
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from packhouse.commands.packages.packaging_document import packaging_document, packaging_sheet
from packhouse.invoicing.models import InvoiceState
from packhouse.invoicing.packaging_pdf import packaging_pdf
from packhouse.invoicing.pages import PAPERS, Paper
from packhouse.kernel.errors import NotFound
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.builders import a_channel, a_package, a_product, a_shipment, an_invoice, an_order

pytestmark = pytest.mark.django_db

POINTS_PER_MM = 72 / 25.4


def a_packed(**order: Any) -> Package:
    return a_package(state=PackageStatus.PACKED, order=an_order(**order))


def page_of(content: bytes, number: int = 0) -> Any:
    return pypdfium2.PdfDocument(content)[number]


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return " ".join(page.get_textpage().get_text_range() for page in pages).replace("\xa0", " ")


def a_logo() -> str:
    picture = io.BytesIO()
    Image.new("RGB", (80, 20), "red").save(picture, "PNG")
    return base64.b64encode(picture.getvalue()).decode()


@pytest.mark.parametrize("paper", PAPERS)
def test_it_holds_what_a_packer_and_a_customer_need(paper: Paper) -> None:
    package = a_packed(language_code="tr-tr", channel=a_channel(name="Örnek Marka"))
    a_shipment(package=package, pay_on_delivery_amount=Decimal("1070.00"))
    an_invoice(package=package, number="ABC2026000000001", state=InvoiceState.RECEIVED)
    item = package.items.select_related("order_item__product").order_by("id")[0]

    text = text_of(packaging_document(package.pk, paper))

    for expected in (
        "Örnek Marka",
        "Sipariş",
        package.order.number,
        package.number,
        package.stock_location.name,
        "Ada Yılmaz",
        "KIZILAY / ÇANKAYA / ANKARA",
        item.order_item.product.sku,
        item.order_item.product.barcode,
        item.order_item.product.name,
        "250,00 TL",
        "500,00 TL",
        "ABC2026000000001",
    ):
        assert expected in text
    assert "1.070,00 TL" in " ".join(text.split())


@pytest.mark.parametrize(("paper", "width"), [("a4", 210), ("80mm", 80)])
def test_the_number_is_read_back_from_the_rendered_page(paper: Paper, width: int) -> None:
    package = a_packed()

    page = page_of(packaging_document(package.pk, paper))

    assert round(page.get_size()[0] / POINTS_PER_MM) == width
    picture = page.render(scale=12 / POINTS_PER_MM).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [package.number]


def test_the_roll_is_one_page_however_much_is_on_it() -> None:
    package = a_package(state=PackageStatus.PACKED, items=60)

    assert len(pypdfium2.PdfDocument(packaging_document(package.pk, "80mm"))) == 1
    assert len(pypdfium2.PdfDocument(packaging_document(package.pk, "a4"))) > 1


def test_a_gift_shows_its_note_and_no_prices() -> None:
    package = a_packed(language_code="en-us", has_gift_box=True, gift_box_note="Happy <birthday> & more")

    text = text_of(packaging_document(package.pk))

    assert "Happy <birthday> & more" in text
    assert "250" not in text
    assert "Packing slip" in text


def test_a_part_of_a_line_is_priced_as_a_part() -> None:
    package = a_packed()
    item = package.items.order_by("id")[0]
    type(item).objects.filter(pk=item.pk).update(quantity=Decimal("0.5"), taken=Decimal("0.5"))

    assert packaging_sheet(package.pk).lines[0].price == Decimal("125.00")


@pytest.mark.parametrize(("logo", "pictures"), [(None, 0), ("!", 0), ("AAAA", 0), (a_logo(), 1)])
def test_the_brands_logo_where_it_is_one(logo: str | None, pictures: int) -> None:
    package = a_packed(channel=a_channel(configuration={"logo": logo} if logo else {}))

    content = packaging_document(package.pk)

    assert content.count(b"/Subtype /Image") == pictures


def test_the_same_package_gives_the_same_bytes() -> None:
    sheet = packaging_sheet(a_packed(products=[a_product(name="Çok & <uzun> " * 30)]).pk)

    assert packaging_pdf(sheet) == packaging_pdf(sheet)


def test_there_is_none_before_the_package_is_packed() -> None:
    with pytest.raises(NotFound):
        packaging_document(a_package().pk)


def test_the_customers_address_shows_it_until_the_invoice_comes(client: Client) -> None:
    package = a_packed()
    an_invoice(package=package, state=InvoiceState.PENDING, public_key="a" * 32)

    answer = client.get(f"/d/{'a' * 32}/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert package.number in text_of(answer.content)
    assert "noindex" in answer["X-Robots-Tag"]
