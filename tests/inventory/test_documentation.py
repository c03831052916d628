"""What docs/inventory.md shows works as it stands there."""

import json
import re
from typing import Any

import pytest

from packhouse.commands.reconcile.differences import kinds
from packhouse.inventory.models import Stock
from packhouse.kernel import settings_store
from tests.api.callers import Caller, a_caller
from tests.architecture.house import REPOSITORY
from tests.builders import a_location

PAGE = (REPOSITORY / "docs" / "inventory.md").read_text(encoding="utf-8")
COUNTS, ENGINES = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_each_kind_of_difference_is_told() -> None:
    table = PAGE.partition("| kind | what must agree |")[2]

    assert set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:]))) == set(
        kinds()
    )


@pytest.mark.django_db
def test_the_counts_are_taken() -> None:
    a_location(erp_code="WH-1")
    admin: Caller = a_caller()

    answer: Any = admin.post("stocks/bulk/", COUNTS).json

    assert answer == {"accepted": 3, "ignored": 0, "errors": []}
    assert Stock.objects.count() == 3


@pytest.mark.django_db
def test_the_engines_are_a_setting() -> None:
    settings_store.put("STOCK_INTEGRATION", ENGINES)

    known = settings_store.get("STOCK_INTEGRATION")
    assert [(each["engine"], each["python"]) for each in known] == [(2, None), (3, "shop-floor")]
