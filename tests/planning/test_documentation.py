"""docs/planning.md says what the code does."""

import re
from pathlib import Path

from packhouse.planning.conditions import IS_ACTIVE, IS_FULFILLMENT_CENTER, OWN_LOCATION, REFUSED_BEFORE
from packhouse.planning.reasons import Reason
from packhouse.planning.scenario import DistributionScenario, TransferScenario, parse_json
from packhouse.planning.scenario_warnings import warnings
from packhouse.planning.snapshot import Locations
from packhouse.planning.warning_texts import _TEXTS
from tests.planning.situations import a_location, km_east

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "planning.md").read_text()


def test_the_scenarios_of_the_page_are_read_and_have_no_warnings() -> None:
    documents = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    scenarios = [parse_json(document) for document in documents]
    locations = [
        a_location("S1", type="store", max_quota=5, address=km_east(1)),
        a_location("WH-1", address=km_east(2), id=100),
    ]

    assert [type(scenario) for scenario in scenarios] == [DistributionScenario, TransferScenario]
    assert [warnings(scenario, Locations(locations)) for scenario in scenarios] == [(), ()]


def test_every_reason_and_code_is_on_the_page() -> None:
    exclusions = [IS_ACTIVE, IS_FULFILLMENT_CENTER, OWN_LOCATION, REFUSED_BEFORE]
    missing = [code for code in [*Reason, *exclusions, *_TEXTS] if f"`{code}`" not in PAGE]
    assert missing == []


def test_every_condition_and_sort_key_is_on_the_page() -> None:
    definitions = DistributionScenario.model_json_schema()["$defs"]
    codes = {
        one["properties"]["code"]["const"] for one in definitions.values() if "code" in one["properties"]
    }
    codes |= set(definitions["Sort"]["properties"]["key"]["enum"])
    assert len(codes) == 10 + 7
    assert [code for code in codes if f"`{code}`" not in PAGE] == []
