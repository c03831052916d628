"""Stock from a file and into one; as functions, for the processes around them are tested elsewhere."""

import json
from decimal import Decimal
from pathlib import Path

import click
import pytest

from packhouse.cli.actions import stock_files
from packhouse.commands.inventory import take_counts
from packhouse.commands.reconcile.differences import find_differences
from packhouse.inventory.models import Stock
from tests.builders import a_location, a_product
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db
FILE = """sku;erp_code;quantity;delta;safety_stock;unit_type
A;S1;12;;2;
B;S1;0.750;;;
A;NOWHERE;1;;;
C;S1;-1;;;
C;S1;;3;;
D;S1;1;2;;
A;S1;1;;;;;extra

"E;1";S1;4;;;
"""


def a_file(folder: Path, text: str) -> Path:
    file = folder / "stock.csv"
    file.write_bytes(text.encode("utf-8-sig"))
    return file


def shelves() -> dict[str, Decimal]:
    return dict(Stock.objects.values_list("sku", "on_hand"))


def test_good_rows_are_taken_and_bad_ones_named_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_counts, "AT_ONCE", 3)
    a_location(erp_code="S1")
    file, errors = a_file(tmp_path, FILE), tmp_path / "errors.json"

    before = fingerprint()
    assert stock_files.take(file, dry_run=True, errors=None) == 4
    assert fingerprint() == before
    assert "4 taken, 0 older than what is known, 4 refused (nothing was written)" in capsys.readouterr().out

    assert stock_files.take(file, dry_run=False, errors=errors) == 4
    assert shelves() == {"A": 12, "B": Decimal("0.750"), "C": 3, "E;1": 4}
    assert Stock.objects.get(sku="B").unit_type == "kg"
    told = {row["line"]: row["error"] for row in json.loads(errors.read_text())}
    assert told == {
        4: "There is no location NOWHERE.",
        5: "quantity: Input should be greater than or equal to 0",
        7: "send quantity or delta, one of them",
        8: "There are 8 cells, and 6 columns.",
    }
    assert "refused: line 4 (A): There is no location NOWHERE." in capsys.readouterr().out
    assert find_differences() == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The file is empty."),
        ("sku,erp_code,colour\n", "lines.1.colour: There is no such column."),
        ("sku,quantity\n", "lines.1.erp_code: This column is needed."),
        ('sku,erp_code,quantity\nA,S1,1\nB,"S1,1\n', "lines.3: Not readable as CSV"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    a_location(erp_code="S1")

    with pytest.raises(click.ClickException) as refusal:
        stock_files.take(a_file(tmp_path, text), dry_run=False, errors=None)

    assert problem in refusal.value.message


def test_what_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_bytes("sku,erp_code,quantity\nŞ,S1,1\n".encode("iso-8859-9"))

    with pytest.raises(click.ClickException, match="not UTF-8"):
        stock_files.take(file, dry_run=False, errors=None)


def test_a_fraction_of_what_is_counted_is_refused(tmp_path: Path) -> None:
    a_location(erp_code="S1")
    a_product(sku="SHIRT")
    a_product(sku="CHEESE", unit_type="kg")
    file = a_file(tmp_path, "sku,erp_code,quantity\nSHIRT,S1,0.5\nCHEESE,S1,0.5\n")

    assert stock_files.take(file, dry_run=False, errors=None) == 1
    assert shelves() == {"CHEESE": Decimal("0.500")}


def test_what_is_written_is_taken_back_without_a_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_location(erp_code="S1"), a_location(erp_code="S2")
    given = "sku,erp_code,quantity,safety_stock\nA,S1,3,1\n=B,S1,0.250,\nA,S2,7,\n"
    stock_files.take(a_file(tmp_path, given), dry_run=False, errors=None)
    before = list(Stock.objects.order_by("id").values_list("sku", "on_hand", "safety_stock", "unit_type"))

    stock_files.give(tmp_path / "out.csv", [])
    assert stock_files.take(tmp_path / "out.csv", dry_run=False, errors=None) == 0

    after = list(Stock.objects.order_by("id").values_list("sku", "on_hand", "safety_stock", "unit_type"))
    assert after == before
    stock_files.give(tmp_path / "one.csv", ["S2"])
    assert len((tmp_path / "one.csv").read_text().splitlines()) == 2
    assert "1 rows written" in capsys.readouterr().out
    with pytest.raises(click.ClickException, match="There is no location S9"):
        stock_files.give(tmp_path / "none.csv", ["S9"])
