"""The carrier keeps the shipment contract: every service, every status."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from sandbox.carrier.app import CarrierSandbox
from sandbox.carrier.contract import SCHEMA
from sandbox.serve import Running
from tests.sandbox.carrier_calls import ADDRESS, SHIPMENT, SSCC, a_shipment, codes, with_credentials
from tests.sandbox.conftest import Runner


@pytest.fixture(scope="module")
def running(run: Runner) -> httpx.Client:
    return with_credentials(run(CarrierSandbox().app))


@pytest.fixture
def client(running: httpx.Client) -> httpx.Client:
    running.post("/_sandbox/reset/")
    return running


def register(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.post("/shipments", json=a_shipment(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


class TestEveryCall:
    def test_needs_credentials(self, client: httpx.Client) -> None:
        with httpx.Client(base_url=client.base_url, headers=client.headers) as bare:
            without = bare.post("/shipments", json=SHIPMENT)
            wrong = bare.post("/shipments", json=SHIPMENT, auth=("carrier", "other"))

        assert [answer.status_code for answer in (without, wrong)] == [401, 401]
        assert without.headers["www-authenticate"].startswith("Basic")
        assert codes(without) == {"Authorization": "unauthorized"}

    @pytest.mark.parametrize("header", ["x-akinon-request-id", "x-akinon-api-version"])
    def test_needs_its_headers(self, client: httpx.Client, header: str) -> None:
        answer = client.get("/shipments/S1", headers={header: ""})

        assert answer.status_code == 400
        assert codes(answer) == {header: "required"}

    def test_hears_its_request_id_in_a_refusal(self, client: httpx.Client) -> None:
        answer = client.get("/shipments/S1", headers={"x-akinon-request-id": "r-77"})

        assert answer.status_code == 404
        assert answer.json()["requestId"] == "r-77"

    def test_may_end_in_a_slash(self, client: httpx.Client) -> None:
        assert client.post("/shipments/", json=SHIPMENT).status_code == 201
        assert client.get("/shipments/S9001/").status_code == 200

    def test_elsewhere_is_refused_in_the_same_shape(self, client: httpx.Client) -> None:
        nowhere, wrong_method = client.get("/nothing"), client.put("/shipments", json={})

        assert (nowhere.status_code, codes(nowhere)) == (404, {None: "not_found"})
        assert (wrong_method.status_code, codes(wrong_method)) == (405, {None: "method_not_allowed"})


class TestGenerate:
    def test_answers_what_the_contract_promises(self, client: httpx.Client) -> None:
        body = register(client)

        assert set(body) == {
            "shipmentId", "trackingNumber", "queryNumber", "trackingUrl", "status", "parcels", "labels"
        }  # fmt: skip
        assert (body["shipmentId"], body["status"], body["labels"]) == ("S9001", "CREATED", [])
        assert body["parcels"] == [{"sscc": None, "trackingNumber": body["trackingNumber"]}]
        page = httpx.get(body["trackingUrl"])
        assert page.status_code == 200
        assert body["trackingNumber"] in page.text

    def test_the_same_id_again_gets_the_same_answer(self, client: httpx.Client) -> None:
        first = client.post("/shipments", json=SHIPMENT)
        client.post("/_sandbox/shipments/S9001/advance/")
        second = client.post("/shipments", json=a_shipment(orderNumber="other"))

        assert [first.status_code, second.status_code] == [201, 200]
        assert first.json() == second.json()
        assert len(client.get("/_sandbox/shipments/").json()) == 1

    def test_parcels_have_a_number_each(self, client: httpx.Client) -> None:
        body = register(client, parcels=[{"sscc": SSCC, "deci": "2.0"}, {"sscc": None, "weight": 1.5}])

        number = body["trackingNumber"]
        assert body["parcels"] == [
            {"sscc": SSCC, "trackingNumber": f"{number}-1"},
            {"sscc": None, "trackingNumber": f"{number}-2"},
        ]

    def test_a_label_may_come_at_once(self, client: httpx.Client) -> None:
        client.put("/_sandbox/mode/", json={"inline_labels": True})

        [label] = register(client)["labels"]

        assert label["type"] == "pdf"
        assert base64.b64decode(label["content"], validate=True).startswith(b"%PDF-")

    @pytest.mark.parametrize("key", ["shipmentId", "orderNumber", "type", "destination"])
    def test_keys_that_are_needed(self, client: httpx.Client, key: str) -> None:
        body = a_shipment()
        del body[key]

        answer = client.post("/shipments", json=body)

        assert (answer.status_code, codes(answer)) == (400, {key: "required"})

    @pytest.mark.parametrize("key", ["name", "tel", "country", "city", "addressLine"])
    def test_keys_a_destination_needs(self, client: httpx.Client, key: str) -> None:
        body = a_shipment()
        del body["destination"][key]

        answer = client.post("/shipments", json=body)

        assert (answer.status_code, codes(answer)) == (400, {f"destination.{key}": "required"})

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"shipmentId": "a b"}, "shipmentId"),
            ({"shipmentId": 1}, "shipmentId"),
            ({"type": "STORE"}, "type"),
            ({"locale": "tr_TR"}, "locale"),
            ({"products": "shoes"}, "products"),
            ({"payment": {"paymentId": 1, "amount": 0, "currency": "TRY"}}, "payment.amount"),
            ({"payment": {"paymentId": 1, "amount": "0.00", "currency": "TRY"}}, "payment.amount"),
            ({"payment": {"paymentId": 1, "amount": "70", "currency": "Lira"}}, "payment.currency"),
            ({"parcels": []}, "parcels"),
            ({"parcels": [{"sscc": "123"}]}, "parcels.0.sscc"),
            ({"parcels": [{"sscc": SSCC[:-1] + "3"}]}, "parcels.0.sscc"),
            ({"parcels": [{"sscc": SSCC}, {"sscc": SSCC}]}, "parcels.1.sscc"),
            ({"parcels": [{"weight": -1}]}, "parcels.0.weight"),
            ({"parcels": [{"weight": "heavy"}]}, "parcels.0.weight"),
            ({"destination": {**SHIPMENT["destination"], "tel": ""}}, "destination.tel"),
            (
                {"destination": {**SHIPMENT["destination"], "city": {"name": "FAILville"}}},
                "destination.city.name",
            ),
            (
                {"destination": {**SHIPMENT["destination"], "addressLine": "FAIL 1"}},
                "destination.addressLine",
            ),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, client: httpx.Client, changes: dict[str, Any], field: str
    ) -> None:
        answer = client.post("/shipments", json={**SHIPMENT, **changes})

        assert answer.status_code == 400
        assert list(codes(answer)) == [field]
        assert client.get("/_sandbox/shipments/").json() == []

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
    def test_no_object_is_400(self, client: httpx.Client, content: bytes) -> None:
        assert client.post("/shipments", content=content).status_code == 400

    def test_a_location_needs_no_telephone(self, client: httpx.Client) -> None:
        destination = {**SHIPMENT["destination"], "tel": "", "surname": None}

        assert register(client, type="PICK_UP_LOCATION", destination=destination)

    def test_the_account_is_kept(self, client: httpx.Client) -> None:
        client.post("/shipments", json=SHIPMENT, headers={"x-akinon-credentials-identifier": "istanbul"})

        assert client.get("/_sandbox/shipments/").json()[0]["account"] == "istanbul"

    def test_a_registered_sender_may_be_needed(self, client: httpx.Client) -> None:
        client.put("/_sandbox/mode/", json={"needs_origin": True})
        origin = client.post("/addresses", json=ADDRESS).json()["addressId"]

        without = client.post("/shipments", json=SHIPMENT)
        unknown = client.post("/shipments", json=a_shipment(originId="1"))
        known = client.post("/shipments", json=a_shipment(originId=origin))

        assert (without.status_code, codes(without)) == (400, {"originId": "required"})
        assert (unknown.status_code, codes(unknown)) == (400, {"originId": "origin_unknown"})
        assert known.status_code == 201


class TestQuery:
    def test_stands_as_registered(self, client: httpx.Client) -> None:
        registered = register(client, parcels=[{"deci": "2.5"}, {"deci": 1}])

        body = client.get("/shipments/S9001").json()

        assert {key: body[key] for key in registered} == registered
        assert (body["deliveredDate"], body["deliveredTo"], body["description"]) == (
            None,
            None,
            "Data received",
        )
        assert (body["desi"], body["price"]) == ("3.5", "69.75")
        age = datetime.now(UTC) - datetime.fromisoformat(body["statusDate"])
        assert abs(age) < timedelta(minutes=1)

    def test_history_is_oldest_first(self, client: httpx.Client) -> None:
        register(client)
        for body in ({}, {"status": "ATTEMPTED_DELIVERY", "date": "2020-01-05T10:00:00"}):
            client.post("/_sandbox/shipments/S9001/advance/", json=body)

        events = client.get("/shipments/S9001/history").json()["events"]

        assert [event["status"] for event in events] == ["ATTEMPTED_DELIVERY", "CREATED", "SHIPPING"]
        assert events[0] == {
            "status": "ATTEMPTED_DELIVERY",
            "date": "2020-01-05T10:00:00.000000Z",
            "location": "Ankara",
            "description": "Nobody at home",
            "carrierCode": "40",
        }

    def test_history_may_repeat_itself(self, client: httpx.Client) -> None:
        register(client)
        client.put("/_sandbox/mode/", json={"duplicate_events": True})

        events = client.get("/shipments/S9001/history").json()["events"]

        assert len(events) == 2
        assert events[0] == events[1]

    @pytest.mark.parametrize("path", ["", "/history", "/label"])
    def test_unknown_is_404(self, client: httpx.Client, path: str) -> None:
        answer = client.get(f"/shipments/S404{path}")

        assert (answer.status_code, codes(answer)) == (404, {"shipmentId": "shipment_unknown"})


class TestUpdate:
    def test_changes_what_it_names(self, client: httpx.Client) -> None:
        register(client, payment={"paymentId": 1, "amount": "70.00", "currency": "TRY"})
        destination = {**SHIPMENT["destination"], "addressLine": "2 Other St"}

        answer = client.patch(
            "/shipments/S9001",
            json={
                "destination": destination,
                "payment": None,
                "parcels": [{"sscc": SSCC}],
                "deliveryNote": None,
            },
        )

        assert answer.status_code == 200
        assert answer.json()["parcels"][0]["sscc"] == SSCC
        kept = client.get("/_sandbox/shipments/").json()[0]["request"]
        assert (kept["destination"], kept["payment"], kept["orderNumber"]) == (
            destination,
            None,
            "100000000077",
        )

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, None),
            ({"orderNumber": "x"}, "orderNumber"),
            ({"destination": {**SHIPMENT["destination"], "addressLine": "FAIL"}}, "destination.addressLine"),
            ({"parcels": [{"sscc": SSCC[:-1] + "0"}]}, "parcels.0.sscc"),
        ],
    )
    def test_refused_it_changes_nothing(
        self, client: httpx.Client, body: dict[str, Any], field: str | None
    ) -> None:
        register(client)

        answer = client.patch("/shipments/S9001", json=body)

        assert answer.status_code == 400
        assert list(codes(answer)) == [field]
        assert client.get("/_sandbox/shipments/").json()[0]["request"] == SHIPMENT

    def test_after_pick_up_it_is_409(self, client: httpx.Client) -> None:
        register(client)
        client.post("/_sandbox/shipments/S9001/advance/")

        answer = client.patch("/shipments/S9001", json={"deliveryNote": "x"})

        assert (answer.status_code, codes(answer)) == (409, {None: "picked_up"})
        assert client.patch("/shipments/S404", json={"deliveryNote": "x"}).status_code == 404


class TestDelete:
    def test_it_is_gone(self, client: httpx.Client) -> None:
        tracking_url = register(client)["trackingUrl"]

        answer = client.delete("/shipments/S9001")

        assert (answer.status_code, answer.content) == (204, b"")
        assert client.get("/shipments/S9001").status_code == 404
        assert client.delete("/shipments/S9001").status_code == 404
        assert httpx.get(tracking_url).status_code == 404
        again = client.post("/shipments", json=SHIPMENT)
        assert (again.status_code, codes(again)) == (409, {"shipmentId": "shipment_deleted"})
        assert client.get("/_sandbox/shipments/").json()[0]["deleted"] is True

    def test_after_pick_up_it_is_409(self, client: httpx.Client) -> None:
        register(client)
        client.post("/_sandbox/shipments/S9001/advance/")

        assert client.delete("/shipments/S9001").status_code == 409
        assert client.get("/shipments/S9001").json()["status"] == "SHIPPING"

    def test_what_the_carrier_deleted_may_be_deleted(self, client: httpx.Client) -> None:
        register(client)
        client.post("/_sandbox/shipments/S9001/advance/", json={"status": "DELETED"})

        assert client.get("/shipments/S9001").json()["status"] == "DELETED"
        assert client.delete("/shipments/S9001").status_code == 204


class TestLabel:
    def test_pdf_has_a_page_of_100_by_150_mm_for_each_parcel(self, client: httpx.Client) -> None:
        register(
            client, parcels=[{"sscc": SSCC}, {}], payment={"paymentId": 1, "amount": 70, "currency": "try"}
        )

        labels = client.get("/shipments/S9001/label").json()["labels"]

        assert [(label["parcel"], label["type"]) for label in labels] == [(1, "pdf"), (2, "pdf")]
        for label in labels:
            document = base64.b64decode(label["content"], validate=True)
            assert document.count(b"/MediaBox [ 0 0 283.4646 425.1969 ]") == 1
            assert b"/FontFile2" in document

    def test_zpl(self, client: httpx.Client) -> None:
        name = "^XZ~JA_Şükrü"
        destination = {**SHIPMENT["destination"], "name": name, "addressLine": "Line\n^XA"}
        number = register(client, parcels=[{"sscc": SSCC}], destination=destination)["trackingNumber"]

        [label] = client.get("/shipments/S9001/label?format=zpl").json()["labels"]

        text = base64.b64decode(label["content"]).decode()
        assert text.startswith("^XA^CI28^PW800^LL1200\n")
        assert text.endswith("^XZ")
        assert (text.count("^XA"), text.count("^XZ"), text.count("~")) == (1, 1, 0)
        assert "^FH^FD_5EXZ_7EJA_5FŞükrü Ilıcalı^FS" in text
        assert "Line_0A_5EXA" in text
        assert f"^FD{number}^FS" in text
        assert f"^BCN,256,Y,N,N,D^FD(00){SSCC}^FS" in text

    @pytest.mark.parametrize("wanted", ["png", "docx", ""])
    def test_other_formats_are_refused(self, client: httpx.Client, wanted: str) -> None:
        register(client)

        answer = client.get(f"/shipments/S9001/label?format={wanted}")

        assert (answer.status_code, codes(answer)) == (400, {"format": "format"})
        assert "pdf and zpl" in answer.json()["errors"][0]["message"]

    def test_it_may_come_late(self, client: httpx.Client) -> None:
        assert client.put("/_sandbox/label_delay/", json={"seconds": 60}).json() == {"seconds": 60}
        register(client)
        late = client.get("/shipments/S9001/label")
        client.put("/_sandbox/label_delay/", json={"seconds": 0})

        assert (late.status_code, codes(late)) == (404, {None: "label_not_ready"})
        assert client.get("/shipments/S9001/label").status_code == 200


class TestAddresses:
    def test_generated_searched_and_shown(self, client: httpx.Client) -> None:
        first, again, other = (
            client.post("/addresses", json={**ADDRESS, "name": name}) for name in ("Store 8", "Store 8", "WH")
        )

        ids = [answer.json()["addressId"] for answer in (first, again, other)]
        assert [answer.status_code for answer in (first, again, other)] == [201, 201, 201]
        assert ids == ["9000001", "9000001", "9000002"]
        assert client.get("/addresses/9000001").json() == {"addressId": "9000001", **ADDRESS}

        def found(**wanted: Any) -> list[str]:
            rows = client.post("/addresses/search", json=wanted).json()["addresses"]
            return [row["addressId"] for row in rows]

        assert found() == ["9000001", "9000002"]
        assert found(name="store 8") == ["9000001"]
        assert found(name="WH", city="Bursa") == []

    @pytest.mark.parametrize(
        ("changes", "field"), [({"name": ""}, "name"), ({"city": "FAIL"}, "city.name"), ({"tel": 1}, "tel")]
    )
    def test_refused(self, client: httpx.Client, changes: dict[str, Any], field: str) -> None:
        answer = client.post("/addresses", json={**ADDRESS, **changes})

        assert answer.status_code == 400
        assert list(codes(answer)) == [field]

    def test_unknown(self, client: httpx.Client) -> None:
        assert client.get("/addresses/1").status_code == 404
        answer = client.post("/addresses/search", json={"colour": "red"})
        assert (answer.status_code, codes(answer)) == (400, {"colour": "unknown"})


class TestAppointments:
    def test_dates_without_sundays(self, client: httpx.Client) -> None:
        body: dict[str, Any] = {"destination": {}, "originId": None, "from": "2026-11-27", "to": "2026-11-30"}

        dates = client.post("/appointment-dates/search", json=body).json()["dates"]

        assert dates == [
            {"date": "2026-11-27", "ranges": [["09:00", "12:00"], ["13:00", "18:00"]]},
            {"date": "2026-11-28", "ranges": [["09:00", "12:00"]]},
            {"date": "2026-11-30", "ranges": [["09:00", "12:00"], ["13:00", "18:00"]]},
        ]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"to": "2026-11-26"}, "to"),
            ({"to": "2026-12-28"}, "to"),
            ({"from": "2026-02-30"}, "from"),
            ({"from": "soon"}, "from"),
            ({"destination": None}, "destination"),
        ],
    )
    def test_refused(self, client: httpx.Client, changes: dict[str, Any], field: str) -> None:
        body: dict[str, Any] = {"destination": {}, "from": "2026-11-27", "to": "2026-11-30", **changes}

        answer = client.post("/appointment-dates/search", json=body)

        assert answer.status_code == 400
        assert list(codes(answer)) == [field]


def test_easy_returns(client: httpx.Client) -> None:
    body = {"easyReturnId": "R-7", "orderNumber": "1001", "shipmentId": "S9001"}

    first, again = (client.post("/easy-returns", json=body) for _ in range(2))
    drawn = client.post("/easy-returns", json={"orderNumber": "1002"})
    bad = client.post("/easy-returns", json={})

    assert [answer.status_code for answer in (first, again, drawn, bad)] == [201, 200, 201, 400]
    assert first.json() == again.json() == client.get("/easy-returns/R-7").json()
    assert codes(bad) == {"orderNumber": "required"}
    assert client.delete("/easy-returns/R-7").status_code == 204
    assert client.delete("/easy-returns/R-7").status_code == 404
    assert client.get("/easy-returns/R-7").status_code == 404
    assert client.get(f"/easy-returns/{drawn.json()['easyReturnId']}").status_code == 200


def test_a_lost_answer_is_found_by_query_and_by_the_same_id(client: httpx.Client) -> None:
    client.put("/_sandbox/faults/", json={"drop_answer": 1, "paths": ["/shipments"]})
    with pytest.raises(httpx.TransportError):
        client.post("/shipments", json=SHIPMENT)
    client.delete("/_sandbox/faults/")

    found = client.get("/shipments/S9001")
    again = client.post("/shipments", json=SHIPMENT)

    assert (found.status_code, again.status_code) == (200, 200)
    assert again.json()["trackingNumber"] == found.json()["trackingNumber"]


def test_a_restart_forgets_but_allots_the_same_number(client: httpx.Client) -> None:
    number = register(client)["trackingNumber"]

    with Running(CarrierSandbox().app) as fresh, httpx.Client(base_url=fresh.url) as other:
        with_credentials(other)
        assert other.get("/shipments/S9001").status_code == 404
        assert register(other)["trackingNumber"] == number
        assert register(other, shipment_id="S9002")["trackingNumber"] != number
