"""The control desk: what came in, what shall go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import control as control_module
from sandbox.control import Control, ControlError, json_object
from sandbox.faults import Faults, FaultsError
from sandbox.faulty_answers import ENDLESS_BYTES
from sandbox.serve import Running, ServeError

FAULTS = "/_sandbox/faults/"


class Neighbour:
    """A small application that counts its calls."""

    def __init__(self, **options: Any) -> None:
        self.calls = 0
        self.resets = 0
        options.setdefault("routes", [Route("/echo/", self.echo, methods=["POST"])])
        self.control = Control(reset=self.reset, **options)
        routes = [Route("/{path:path}", self.answer, methods=["GET", "POST"])]
        self.app = self.control.wrap(Starlette(routes=routes))

    async def answer(self, request: Request) -> Response:
        self.calls += 1
        return JSONResponse({"length": len(await request.body())}, 201)

    async def echo(self, request: Request) -> Response:
        body = await json_object(request)
        if "no" in body:
            raise ControlError("may not be there", field="no", status=409)
        return JSONResponse(body)

    async def reset(self) -> None:
        self.resets += 1


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Neighbour, httpx.Client]]:
    neighbour = Neighbour()
    with Running(neighbour.app) as running, httpx.Client(base_url=running.url, timeout=5) as client:
        yield neighbour, client


@pytest.fixture
def neighbour(running: tuple[Neighbour, httpx.Client]) -> Neighbour:
    neighbour = running[0]
    neighbour.control.set_faults({})
    neighbour.control.clear_requests()
    neighbour.calls = neighbour.resets = 0
    return neighbour


@pytest.fixture
def client(running: tuple[Neighbour, httpx.Client], neighbour: Neighbour) -> httpx.Client:
    return running[1]


class TestRecording:
    def test_a_request_is_kept_as_it_came(self, client: httpx.Client) -> None:
        client.post("/a/b?x=1&x=%20", content='{"city": "İzmir"}'.encode(), headers={b"X-Two": "ä".encode()})

        [row] = client.get("/_sandbox/requests/").json()
        assert {key: row[key] for key in ("method", "path", "query", "body", "status")} == {
            "method": "POST",
            "path": "/a/b",
            "query": "x=1&x=%20",
            "body": '{"city": "İzmir"}',
            "status": 201,
        }
        assert row["headers"]["x-two"] == "ä".encode().decode("latin-1")
        assert abs(datetime.fromisoformat(row["at"]) - datetime.now(UTC)) < timedelta(seconds=10)

    def test_oldest_first_filtered_by_path_and_forgotten(self, client: httpx.Client) -> None:
        for path in ("/a/1", "/b/1", "/a/2"):
            client.get(path)

        paths = [row["path"] for row in client.get("/_sandbox/requests/?path=/a/").json()]
        forgotten = client.delete("/_sandbox/requests/")

        assert paths == ["/a/1", "/a/2"]
        assert forgotten.status_code == 204
        assert client.get("/_sandbox/requests/").json() == []

    def test_control_calls_are_not_recorded(self, client: httpx.Client) -> None:
        client.get("/_sandbox/faults/")

        assert client.get("/_sandbox/requests/").json() == []

    def test_the_oldest_go_when_there_are_too_many(
        self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(control_module, "MAX_REQUESTS", 3)
        for number in range(5):
            client.get(f"/{number}")

        assert [row["path"] for row in client.get("/_sandbox/requests/").json()] == ["/2", "/3", "/4"]

    def test_the_oldest_go_when_their_bodies_are_too_much(
        self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(control_module, "MAX_KEPT_BYTES", 250)
        for number in range(4):
            client.post(f"/{number}", content=b"x" * 100)

        assert [row["path"] for row in client.get("/_sandbox/requests/").json()] == ["/2", "/3"]

    def test_a_body_too_big_is_refused(
        self, client: httpx.Client, neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(control_module, "MAX_BODY_BYTES", 1000)

        answer = client.post("/big", content=b"x" * 1001)

        assert answer.status_code == 413
        assert neighbour.calls == 0


class TestDesk:
    def test_reset_clears_state_requests_and_faults(self, client: httpx.Client, neighbour: Neighbour) -> None:
        client.get("/a")
        client.put(FAULTS, json={"error_rate": {"500": 1}})

        answer = client.post("/_sandbox/reset/")

        assert answer.status_code == 204
        assert neighbour.resets == 1
        assert client.get("/_sandbox/requests/").json() == []
        assert client.get(FAULTS).json() == {}

    def test_the_slash_at_the_end_may_be_left_out(self, client: httpx.Client) -> None:
        assert client.get("/_sandbox/requests").status_code == 200
        assert client.get("/_sandbox").json()["calls"] == [
            "/_sandbox/",
            "/_sandbox/echo/",
            "/_sandbox/faults/",
            "/_sandbox/requests/",
            "/_sandbox/reset/",
        ]

    def test_own_routes_and_their_refusals(self, client: httpx.Client) -> None:
        assert client.post("/_sandbox/echo/", json={"a": 1}).json() == {"a": 1}
        refused = client.post("/_sandbox/echo/", json={"no": 1})
        assert (refused.status_code, refused.json()) == (409, {"detail": "may not be there", "field": "no"})

    @pytest.mark.parametrize("body", ["{", "[]", "1", "\xff"])
    def test_a_body_that_is_no_object_is_400(self, client: httpx.Client, body: str) -> None:
        answer = client.put(FAULTS, content=body.encode("latin-1"))

        assert answer.status_code == 400
        assert "JSON" in answer.json()["detail"]

    def test_unknown_calls_and_methods(self, client: httpx.Client) -> None:
        assert client.get("/_sandbox/nothing/").status_code == 404
        assert client.get("/_sandbox/reset/").status_code == 405

    def test_switched_off_it_is_not_there(self) -> None:
        neighbour = Neighbour(enabled=False)
        with Running(neighbour.app) as running:
            answers = [httpx.get(running.url + path) for path in ("/_sandbox/requests/", "/a")]

        assert [answer.status_code for answer in answers] == [404, 201]
        assert [row["path"] for row in neighbour.control.requests] == ["/a"]

    @pytest.mark.parametrize("address", [("192.0.2.7", 1), ("2001:db8::1", 1), None])
    def test_only_this_machine_may_call(self, neighbour: Neighbour, address: Any) -> None:
        async def statuses() -> list[int]:
            transport = httpx.ASGITransport(neighbour.app, client=address)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as far:
                headers = {"X-Forwarded-For": "127.0.0.1"}
                answers = [await far.get(path, headers=headers) for path in ("/_sandbox/requests/", "/a")]
                return [answer.status_code for answer in answers]

        assert asyncio.run(statuses()) == [403, 201]


class TestFaults:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"bogus": 1}, "bogus"),
            ({"latency_ms": -1}, "latency_ms"),
            ({"latency_ms": [5, 1]}, "latency_ms"),
            ({"latency_ms": "5"}, "latency_ms"),
            ({"error_rate": {"200": 0.5}}, "error_rate"),
            ({"error_rate": {"500": 1.5}}, "error_rate.500"),
            ({"error_rate": {"500": 0.6, "503": 0.6}}, "error_rate"),
            ({"drop_connection": "yes"}, "drop_connection"),
            ({"silent": 1}, "silent"),
            ({"answer": "poem"}, "answer"),
            ({"paths": "/a"}, "paths"),
            ({"until": "tomorrow"}, "until"),
            ({"rng": 1.5}, "rng"),
            ({"preset": "storm"}, "preset"),
            ({"webhook": {"twice": 1}}, "webhook.twice"),
            ({"webhook": {"delay_s": [2, 1]}}, "webhook.delay_s"),
        ],
    )
    def test_what_cannot_be_had_names_the_field_and_changes_nothing(
        self, client: httpx.Client, body: dict[str, Any], field: str
    ) -> None:
        client.put(FAULTS, json={"latency_ms": 1})

        answer = client.put(FAULTS, json=body)

        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert client.get(FAULTS).json() == {"latency_ms": 1}

    def test_an_injected_error_never_reaches_the_application(
        self, client: httpx.Client, neighbour: Neighbour
    ) -> None:
        client.put(FAULTS, json={"error_rate": {"429": 1}, "retry_after": 7})

        answer = client.get("/a")

        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert answer.json() == {
            "detail": "Injected by the sandbox: Too Many Requests",
            "code": "sandbox_fault",
        }
        assert neighbour.calls == 0
        assert neighbour.control.requests[-1]["status"] == 429

    def test_a_dropped_connection_never_reaches_the_application(
        self, client: httpx.Client, neighbour: Neighbour
    ) -> None:
        client.put(FAULTS, json={"drop_connection": 1})

        with pytest.raises(httpx.TransportError):
            client.post("/a", content=b"x")

        assert neighbour.calls == 0
        assert neighbour.control.requests[-1]["status"] is None
        assert neighbour.control.requests[-1]["body"] == "x"

    def test_a_dropped_answer_was_worked_on(self, client: httpx.Client, neighbour: Neighbour) -> None:
        client.put(FAULTS, json={"drop_answer": 1})

        with pytest.raises(httpx.TransportError):
            client.post("/a", content=b"x")

        assert neighbour.calls == 1
        assert neighbour.control.requests[-1]["status"] is None

    def test_silence_lasts_until_the_client_gives_up(
        self, client: httpx.Client, neighbour: Neighbour
    ) -> None:
        client.put(FAULTS, json={"silent": True})

        with pytest.raises(httpx.ReadTimeout):
            client.get("/a", timeout=0.2)

        client.delete(FAULTS)
        assert neighbour.calls == 0
        assert client.get("/a").status_code == 201

    def test_latency_delays_the_real_answer(self, client: httpx.Client) -> None:
        client.put(FAULTS, json={"latency_ms": [150, 200]})

        answer = client.get("/a")

        assert answer.status_code == 201
        assert 0.15 <= answer.elapsed.total_seconds() < 2

    def test_nonsense_answers(self, client: httpx.Client) -> None:
        def answered(**faults: Any) -> httpx.Response:
            assert client.put(FAULTS, json=faults).status_code == 200
            return client.get("/a")

        page = answered(answer="html", error_rate={"502": 1})
        assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert "502 Bad Gateway" in page.text
        inside = answered(answer="error_in_200")
        assert (inside.status_code, inside.json()["status"]) == (200, "error")
        with pytest.raises(httpx.RemoteProtocolError):
            answered(answer="truncated")

    def test_an_endless_answer_ends_after_all(self, client: httpx.Client) -> None:
        client.put(FAULTS, json={"answer": "endless"})

        with client.stream("GET", "/a") as answer:
            size = sum(len(chunk) for chunk in answer.iter_raw())

        assert answer.status_code == 200
        assert size > ENDLESS_BYTES

    def test_paths_narrow_faults_from_the_root_or_from_any_slash(self, client: httpx.Client) -> None:
        client.put(FAULTS, json={"error_rate": {"500": 1}, "paths": ["/root/", "order_items/"]})

        statuses = {
            path: client.get(path).status_code
            for path in ("/root/1", "/a/root/1", "/api/v1/order_items/1/", "/api/v1/xorder_items/", "/")
        }

        assert statuses == {
            "/root/1": 500,
            "/a/root/1": 201,
            "/api/v1/order_items/1/": 500,
            "/api/v1/xorder_items/": 201,
            "/": 201,
        }

    def test_until_ends_them(self, client: httpx.Client) -> None:
        past, future = (datetime.now(UTC) + timedelta(seconds=s) for s in (-1, 60))

        client.put(FAULTS, json={"error_rate": {"500": 1}, "until": past.isoformat()})
        after = client.get("/a").status_code
        client.put(FAULTS, json={"error_rate": {"500": 1}, "until": future.isoformat()})
        before = client.get("/a").status_code

        assert (after, before) == (201, 500)
        client.put(FAULTS, json={"latency_ms": 1, "until": past.replace(tzinfo=None).isoformat()})
        assert client.get(FAULTS).json() == {}

    def test_presets_are_filled_in_and_may_be_bettered(self, client: httpx.Client) -> None:
        assert client.put(FAULTS, json={"preset": "calm"}).json() == {}
        rough = client.put(FAULTS, json={"preset": "rough", "latency_ms": 1, "rng": 3}).json()
        assert rough == {
            "latency_ms": 1,
            "error_rate": {"500": 0.05, "429": 0.01},
            "drop_connection": 0.01,
            "webhook": {"duplicate": 0.2, "shuffle_s": 30, "drop": 0.1, "delay_s": [0, 60]},
            "rng": 3,
        }
        assert client.put(FAULTS, json={"preset": "silent-webhooks"}).json() == {"webhook": {"drop": 1.0}}

    def test_outage_lets_nothing_through(self, client: httpx.Client, neighbour: Neighbour) -> None:
        client.put(FAULTS, json={"preset": "outage", "rng": 1})

        seen = set()
        for _ in range(12):
            try:
                seen.add(client.get("/a").status_code)
            except httpx.TransportError:
                seen.add(0)

        assert seen == {0, 503}
        assert neighbour.calls == 0

    def test_own_presets_win(self) -> None:
        faults = Faults.parse({"preset": "calm"}, {"calm": {"silent": True}})

        assert faults.decide("/").silent
        with pytest.raises(FaultsError, match=r"calm, outage, own, rough"):
            Faults.parse({"preset": "x"}, {"own": {}})

    def test_the_same_seed_is_the_same_fate(self) -> None:
        body = {"preset": "rough", "error_rate": {"500": 0.3, "429": 0.2}, "drop_answer": 0.2, "rng": 7}
        paths = [f"/{number}" for number in range(200)]

        fates = [[Faults.parse(body).decide(path) for path in paths] for _ in range(2)]
        one, other = ([faults.decide(path) for path in paths] for faults in map(Faults.parse, (body, body)))

        assert fates[0] == fates[1]
        assert one == other
        shares = [sum(fate.status == status for fate in one) / 200 for status in (500, 429)]
        assert shares == pytest.approx([0.3, 0.2], abs=0.1)
        assert all(0.05 <= fate.latency_s <= 2 for fate in one)
        assert len({fate.latency_s for fate in one}) > 100


class TestRunning:
    def test_it_comes_back_at_the_same_port(self, neighbour: Neighbour) -> None:
        with Running(neighbour.app) as first:
            assert httpx.get(first.url).status_code == 201
        with pytest.raises(httpx.ConnectError):
            httpx.get(first.url)
        with Running(neighbour.app, port=first.port) as second:
            assert httpx.get(second.url).status_code == 201
        assert second.url == first.url

    def test_a_port_in_use_is_said(self, neighbour: Neighbour) -> None:
        with Running(neighbour.app) as running, pytest.raises(ServeError, match=str(running.port)):
            Running(neighbour.app, port=running.port)

    def test_a_failed_start_is_said(self) -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no"})

        with pytest.raises(ServeError, match="did not start"):
            Running(broken).start()
