"""Labels of many packages as one file: the order, every parcel, all or none, and who gets them."""

import io
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from packhouse.api import throttling
from packhouse.api.v1 import label_files
from packhouse.integrations.carriers.label_pdf import label_pdf
from packhouse.integrations.carriers.label_sheet import LabelSheet, Party
from packhouse.integrations.carriers.label_zpl import label_zpl
from packhouse.kernel.models import Role
from packhouse.packages.models import Package
from packhouse.shipments.models import Shipment, ShippingLabel
from tests.api.callers import Answer, Caller, a_caller
from tests.api.objects.answers import counted
from tests.builders import a_shipment

pytestmark = pytest.mark.django_db


def a_labelled(*positions: int, file_format: str = "pdf") -> Package:
    """A package whose shipment has a file of its own for each of these parcels."""
    shipment = a_shipment(parcels=max(positions))
    assert shipment.package
    for parcel in shipment.parcels.all():
        if parcel.position in positions:
            ShippingLabel.objects.create(
                shipment=shipment,
                parcel=parcel,
                file_format=file_format,
                content=drawn(shipment, parcel.position, max(positions), file_format),
            )
    return shipment.package


def drawn(shipment: Shipment, position: int, count: int, file_format: str) -> bytes:
    sheet = LabelSheet(
        sender=Party("Depo", "", ()),
        receiver=Party("Şule Öğüt", "0500", ("Çiçek Sk. 1",)),
        carrier="Kargo",
        order_number=f"ORDER-{shipment.package_id}",
        tracking_number=None,
        barcode=f"{shipment.package_id}-{position}",
        is_sscc=False,
        position=position,
        count=count,
        collect=None,
        is_gift=False,
    )
    return label_pdf([sheet]) if file_format == "pdf" else label_zpl([sheet])


def parcels(answer: Answer) -> list[str]:
    """The barcode's text on each page."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.content[:300]
    pages: Any = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    return [page.get_textpage().get_text_range().split()[-1] for page in pages]


def test_they_come_in_the_order_of_the_ids_with_every_parcel(operator: Caller) -> None:
    one, two = a_labelled(1), a_labelled(1, 2)

    answer = operator.get(f"packages/labels/?id__in={two.pk},{one.pk},{two.pk}")

    assert parcels(answer) == [f"{two.pk}-1", f"{two.pk}-2", f"{one.pk}-1"]
    assert answer.headers["Content-Disposition"] == 'inline; filename="labels.pdf"'


def test_pages_stay_as_they_were_drawn(operator: Caller) -> None:
    package = a_labelled(1)

    answer = operator.get(f"packages/labels/?id__in={package.pk}")

    page = pypdfium2.PdfDocument(io.BytesIO(answer.content))[0]
    assert [round(side * 25.4 / 72) for side in page.get_size()] == [100, 150]
    assert "Şule Öğüt" in page.get_textpage().get_text_range()


def test_zpl_is_one_format_after_the_other(operator: Caller) -> None:
    one, two = a_labelled(1, file_format="zpl"), a_labelled(1, file_format="zpl")

    answer = operator.get(f"packages/labels/?id__in={two.pk},{one.pk}&file_format=zpl")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/zpl"
    text = answer.content.decode()
    assert text.count("^XA") == text.count("^XZ") == 2
    assert text.index(f"ORDER-{two.pk}") < text.index(f"ORDER-{one.pk}")


def test_replaced_labels_and_old_shipments_are_left_out(operator: Caller) -> None:
    package = a_labelled(1)
    shipment = Shipment.objects.get(package=package)
    ShippingLabel.objects.create(
        shipment=shipment, file_format="pdf", content=drawn(shipment, 9, 9, "pdf"), is_current=False
    )
    old = a_shipment(package=package, is_current=False)
    ShippingLabel.objects.create(shipment=old, file_format="pdf", content=drawn(old, 8, 8, "pdf"))

    assert parcels(operator.get(f"packages/labels/?id__in={package.pk}")) == [f"{package.pk}-1"]


def test_a_picture_fills_a_page_where_there_is_no_pdf(operator: Caller) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 600), "red").save(picture, "PNG")
    alone, beside = a_labelled(1, file_format="png"), a_labelled(1)
    ShippingLabel.objects.filter(shipment__package=alone).update(content=picture.getvalue())
    ShippingLabel.objects.create(
        shipment=Shipment.objects.get(package=beside), file_format="png", content=picture.getvalue()
    )

    answer = operator.get(f"packages/labels/?id__in={alone.pk},{beside.pk}")

    pages: Any = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    assert len(pages) == 2
    assert pages[0].get_textpage().get_text_range() == ""
    assert pages[0].render(scale=1).to_pil().getpixel((140, 210)) == (255, 0, 0)
    assert f"{beside.pk}-1" in pages[1].get_textpage().get_text_range()


def test_two_hundred_labels_are_one_file(operator: Caller) -> None:
    content = drawn(a_shipment(), 1, 1, "pdf")
    packages = [a_labelled(1) for _each in range(3)]
    shipment = Shipment.objects.get(package=packages[0])
    ShippingLabel.objects.bulk_create(
        ShippingLabel(shipment=shipment, file_format="pdf", content=content) for _each in range(197)
    )
    wanted = ",".join(str(package.pk) for package in packages)

    assert len(parcels(operator.get(f"packages/labels/?id__in={wanted}"))) == 200


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "id__in", "missing_parameter"),
        ("id__in=", "id__in", "invalid_parameter"),
        ("id__in=0", "id__in", "invalid_parameter"),
        ("id__in=-1", "id__in", "invalid_parameter"),
        ("id__in=1,a", "id__in", "invalid_parameter"),
        (f"id__in={','.join(map(str, range(1, 202)))}", "id__in", "invalid_parameter"),
        ("id__in={package}&file_format=png", "file_format", "invalid_parameter"),
        ("id__in={package}&file_format=zpl", "id__in", "invalid_parameter"),
        ("id__in={package}&paper=a4", "paper", "unknown_filter"),
    ],
)
def test_bad_input_names_the_field(operator: Caller, query: str, field: str, code: str) -> None:
    throttling.forget()
    package = a_labelled(1)

    answer = operator.get(f"packages/labels/?{query.format(package=package.pk)}")

    assert (answer.status, answer.json["code"]) == (400, code)
    assert field in answer.json


def test_those_without_a_label_and_unknown_ones_are_named(operator: Caller) -> None:
    package, bare = a_labelled(1), a_shipment().package
    assert bare

    without = operator.get(f"packages/labels/?id__in={package.pk},{bare.pk}")
    unknown = operator.get(f"packages/labels/?id__in={package.pk},999998,999999")

    assert without.json["id__in"] == [f"There is no label in this format yet for: {bare.pk}."]
    assert unknown.json["id__in"] == ["Unknown: 999998, 999999."]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"<html>sorry</html>", b"\x89PNG\r\n\x1a\n"])
def test_what_a_carrier_sent_instead_of_a_label_is_named(operator: Caller, content: bytes) -> None:
    package, broken = a_labelled(1), a_labelled(1)
    ShippingLabel.objects.filter(shipment__package=broken).update(content=content)

    answer = operator.get(f"packages/labels/?id__in={package.pk},{broken.pk}")

    assert answer.status == 400
    assert str(broken.pk) in answer.json["id__in"][0]


def test_a_file_that_would_be_too_large_is_refused(operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    package = a_labelled(1)
    monkeypatch.setattr(label_files, "LARGEST_MEGABYTES", 0)

    answer = operator.get(f"packages/labels/?id__in={package.pk}")

    assert (answer.status, next(iter(answer.json))) == (400, "id__in")


def test_a_store_user_gets_those_of_its_own_location(nobody: Caller) -> None:
    own, foreign = a_labelled(1), a_labelled(1)
    store = a_caller(Role.STORE, locations=[own.stock_location])

    assert store.get(f"packages/labels/?id__in={own.pk}").status == 200
    refused = store.get(f"packages/labels/?id__in={own.pk},{foreign.pk}")
    assert refused.status == 403
    assert nobody.get(f"packages/labels/?id__in={own.pk}").status == 401


def test_statements_do_not_grow_with_the_labels(operator: Caller) -> None:
    packages = [a_labelled(1) for _each in range(5)]
    few, _one = counted(operator, f"packages/labels/?id__in={packages[0].pk}")
    many, _five = counted(operator, f"packages/labels/?id__in={','.join(str(each.pk) for each in packages)}")

    assert many == few
