"""Stock engines beside the internal one: what is asked, how, and what becomes of the answer (page 40)."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
import stamina
from django.db import transaction

from packhouse.integrations.stock import plugins, tokens
from packhouse.inventory.answers import ask_engines
from packhouse.inventory.models import Stock
from packhouse.inventory.ports import StockRow
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import ExceptionEntry
from packhouse.locations.models import StockLocation
from tests.builders import a_location, some_stock
from tests.inventory.services import LOGIN, URL, a_service, an_engine, configure, rows

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    tokens.forget()
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


def served(code: str, engine: int = 2) -> StockLocation:
    return a_location(erp_code=code, engine=engine)


def on_hand() -> dict[tuple[str, str], Decimal]:
    found = Stock.objects.values_list("stock_location__erp_code", "sku", "on_hand")
    return {(code, sku): units for code, sku, units in found}


def problem() -> str:
    entry = ExceptionEntry.objects.get(kind="stock_service_failing", resolved_date=None)
    assert entry.subject == "stock_engine/2"
    return entry.message


def test_all_skus_are_asked_for_at_once_and_the_answers_are_kept() -> None:
    served("S1"), served("S2"), a_location(erp_code="OWN")
    some_stock(stock_location=StockLocation.objects.get(erp_code="S2"), sku="B", on_hand=9)
    configure(an_engine())

    with (
        a_service(rows(("A", "S1", 4), ("A", "S2", "0.750"), ("A", "OWN", 7), ("C", "S1", 1))) as service,
        clock.frozen(NOON),
    ):
        assert ask_engines({"B", "A"}) == frozenset()

    assert service.asked == [["A", "B"]]
    assert "authorization" not in service.requests[0].headers
    assert on_hand() == {("S1", "A"): 4, ("S2", "A"): Decimal("0.750"), ("S2", "B"): 0}
    kept = Stock.objects.get(stock_location__erp_code="S2", sku="A")
    assert (kept.unit_type, kept.counted_at) == ("kg", NOON)


@pytest.mark.django_db(transaction=True)
def test_a_service_of_single_questions_is_asked_once_per_sku() -> None:
    served("S1")
    configure(an_engine(kind="single"))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={request.url.params["sku"]: {"S1": 3}})

    with a_service(answer) as service:
        assert ask_engines(["A", "B", "C"]) == frozenset()

    assert sorted(service.asked) == [["A"], ["B"], ["C"]]
    assert on_hand() == {("S1", sku): 3 for sku in "ABC"}


@pytest.mark.django_db(transaction=True)
def test_a_part_without_an_answer_leaves_the_whole_engine_unknown() -> None:
    location = served("S1")
    configure(an_engine(kind="single"))

    def answer(request: httpx.Request) -> httpx.Response:
        sku = request.url.params["sku"]
        return httpx.Response(404) if sku == "B" else httpx.Response(200, json={sku: {"S1": 3}})

    with a_service(answer):
        assert ask_engines(["A", "B"]) == {location.pk}

    assert on_hand() == {}
    assert "404" in problem()


def test_basic_auth_is_sent() -> None:
    served("S1")
    configure(an_engine(type="basic_auth", username="erp", password="sesame"))

    with a_service(rows()) as service:
        ask_engines(["A"])

    given = service.requests[0].headers["authorization"]
    assert given == "Basic " + base64.b64encode(b"erp:sesame").decode()


def test_a_token_is_fetched_kept_and_fetched_again_when_it_is_refused() -> None:
    served("S1")
    configure(an_engine(type="token", url=LOGIN, username="erp", password="sesame"))
    given = iter(["first", "second"])
    good = {"Token first"}

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) == LOGIN:
            assert request.content == b'{"username": "erp", "password": "sesame"}'
            return httpx.Response(200, json={"token": next(given)})
        return httpx.Response(200 if request.headers["authorization"] in good else 401, json=[])

    with a_service(answer) as service:
        assert ask_engines(["A"]) == frozenset()
        assert ask_engines(["A"]) == frozenset()
        good.clear()
        good.add("Token second")
        assert ask_engines(["A"]) == frozenset()

    paths = [request.url.path for request in service.requests]
    assert paths.count("/authentication/") == 2
    assert len(service.asked) == 4


def test_a_login_that_is_refused_leaves_the_stock_unknown() -> None:
    location = served("S1")
    configure(an_engine(type="token", url=LOGIN, username="erp", password="wrong"))

    with a_service(lambda _request: httpx.Response(401)):
        assert ask_engines(["A"]) == {location.pk}

    assert "401" in problem()


NONSENSE = {
    "an error page": httpx.Response(200, text="<html>busy</html>"),
    "a number": httpx.Response(200, json=7),
    "a negative quantity": httpx.Response(200, json=[{"sku": "A", "erp_code": "S1", "quantity": -1}]),
    "no quantity": httpx.Response(200, json=[{"sku": "A", "erp_code": "S1"}]),
    "words": httpx.Response(200, json={"A": {"S1": "plenty"}}),
    "NaN": httpx.Response(200, content=b'[{"sku": "A", "erp_code": "S1", "quantity": NaN}]'),
    "four places": httpx.Response(200, json={"A": {"S1": "0.0001"}}),
    "half a shirt": httpx.Response(
        200, json=[{"sku": "A", "erp_code": "S1", "quantity": 0.5, "unit_type": "quantity"}]
    ),
    "two truths": httpx.Response(
        200,
        json=[
            {"sku": "A", "erp_code": "S1", "quantity": 1},
            {"sku": "A", "erp_code": "S1", "quantity": 2},
        ],
    ),
    "a failure": httpx.Response(500),
    "a redirect": httpx.Response(301, headers={"Location": "https://elsewhere.example.com/"}),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_what_makes_no_sense_is_unknown_and_not_zero(name: str) -> None:
    location = served("S1")
    some_stock(stock_location=location, sku="A", on_hand=5)
    configure(an_engine())

    with a_service(lambda _request: NONSENSE[name]):
        assert ask_engines(["A"]) == {location.pk}

    assert on_hand() == {("S1", "A"): 5}
    assert problem().startswith("The stock engine 2 gives no answer")


def test_a_silent_service_is_left_alone_after_a_while_and_shown_until_it_answers() -> None:
    location = served("S1")
    configure(an_engine())

    def silent(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("silence")

    with a_service(silent) as service:
        for _ in range(4):
            assert ask_engines(["A"]) == {location.pk}
        asked = len(service.asked)
        assert ask_engines(["A"]) == {location.pk}
        assert len(service.asked) == asked  # the circuit is open: nothing was sent
    assert "does not answer at present" in problem()

    with a_service(rows(("A", "S1", 2))), clock.frozen(clock.now() + timedelta(minutes=1)):
        assert ask_engines(["A"]) == frozenset()
    assert on_hand() == {("S1", "A"): 2}
    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


def test_an_answer_to_an_older_question_is_left_out() -> None:
    location = served("S1")
    some_stock(stock_location=location, sku="A", on_hand=5, counted_at=NOON)
    configure(an_engine())

    with a_service(rows(("A", "S1", 2))), clock.frozen(NOON - timedelta(seconds=1)):
        assert ask_engines(["A"]) == frozenset()

    assert on_hand() == {("S1", "A"): 5}


def test_without_other_engines_nobody_is_asked() -> None:
    a_location()
    configure(an_engine())

    with a_service(rows()) as service:
        assert ask_engines(["A"]) == frozenset()

    assert service.requests == []


def test_only_the_locations_named_are_asked_for() -> None:
    wanted = served("S1")
    served("S2", engine=3)
    configure(an_engine())

    with a_service(rows(("A", "S1", 1))):
        assert ask_engines(["A"], [wanted.pk]) == frozenset()
        assert len(ask_engines(["A"])) == 1


def test_an_engine_that_is_not_configured_is_unknown() -> None:
    location = served("S1", engine=2)

    assert ask_engines(["A"]) == {location.pk}
    assert "STOCK_INTEGRATION has no engine 2" in problem()


def test_nobody_is_asked_while_a_transaction_is_open() -> None:
    served("S1")
    configure(an_engine())

    with a_service(rows()) as service, transaction.atomic(), pytest.raises(RuntimeError):
        ask_engines(["A"])

    assert service.requests == []


def test_a_plug_in_is_asked_like_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    served("S1")
    configure({"engine": 2, "name": "Own", "python": "own"})

    def stock(skus: Sequence[str], erp_codes: Sequence[str]) -> Iterable[StockRow]:
        return [StockRow(sku, code, Decimal("1.5"), "kg") for sku in skus for code in erp_codes]

    monkeypatch.setattr(plugins, "_named", {"own": stock}.__getitem__)
    assert ask_engines(["A"]) == frozenset()

    assert on_hand() == {("S1", "A"): Decimal("1.500")}


def test_a_plug_in_that_fails_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    location = served("S1")
    configure({"engine": 2, "name": "Own", "python": "own"})

    def stock(_skus: Sequence[str], _erp_codes: Sequence[str]) -> Iterable[StockRow]:
        raise ZeroDivisionError("nobody counted")

    monkeypatch.setattr(plugins, "_named", {"own": stock}.__getitem__)
    assert ask_engines(["A"]) == {location.pk}
    assert "ZeroDivisionError: nobody counted" in problem()


def test_a_plug_in_that_is_not_installed_is_named() -> None:
    location = served("S1")
    configure({"engine": 2, "name": "Own", "python": "nowhere"})

    assert ask_engines(["A"]) == {location.pk}
    assert "no stock plug-in 'nowhere'" in problem()


@pytest.mark.parametrize(
    ("engine", "path"),
    [
        ({"engine": 1, "name": "Own", "python": "own"}, "json_value.0.engine"),
        ({"engine": 2, "name": "Own"}, "json_value.0"),
        ({**an_engine(), "python": "own"}, "json_value.0"),
        ({**an_engine(), "auth": {"type": "basic_auth", "username": "erp"}}, "json_value.0.auth"),
        ({**an_engine(), "auth": {"type": "token", "url": LOGIN}}, "json_value.0.auth"),
        ({**an_engine(), "service": {"url": "nowhere:at all"}}, "json_value.0.service.url"),
        ({**an_engine(), "service": {"url": URL, "type": "many"}}, "json_value.0.service.type"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_by_its_path(
    engine: dict[str, object], path: str
) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        settings_store.put("STOCK_INTEGRATION", [engine])

    assert list(refusal.value.errors) == [path]


def test_an_engine_is_configured_once() -> None:
    with pytest.raises(InvalidParameter) as refusal:
        configure(an_engine(), an_engine())

    assert list(refusal.value.errors) == ["json_value"]
