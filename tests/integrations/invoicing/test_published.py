"""What integrators are given: the example server answers as we read, and the schema of answers says what we take."""

import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from packhouse.integrations.invoicing.answer import Unfit, read_answer
from packhouse.invoicing.models import Document, Invoice
from sandbox.invoice.app import InvoiceSandbox
from sandbox.invoice.book import answer_of
from tests.builders import a_package
from tests.integrations.invoicing.world import asked, configure, pack

pytestmark = pytest.mark.django_db

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLE = REPOSITORY / "docs" / "examples" / "invoice_service.py"
SCHEMA = json.loads((REPOSITORY / "sandbox" / "invoice" / "answer_schema.json").read_text())
GOOD = {"invoice_number": "A1", "invoice_date": "2026-01-05", "e_archive_url": "https://e.example.com/1"}


@pytest.fixture
def example() -> Iterator[tuple[ModuleType, str]]:
    """The example as a module, and where it answers."""
    spec = spec_from_file_location("invoice_service", EXAMPLE)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    server = ThreadingHTTPServer(("127.0.0.1", 0), module.Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield module, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_example_server_makes_invoices(example: tuple[ModuleType, str]) -> None:
    module, url = example
    module.TOKEN = "t"  # type: ignore[attr-defined]
    configure({"remote_url": url, "auth": {"request_type": "token", "token": "t"}})
    package = a_package()
    pack(package)

    invoice = asked(package)

    assert (invoice.state, str(invoice.number)[:3], invoice.document_type) == ("received", "EXA", "html")
    assert b"EXA" in bytes(Document.objects.get(invoice=invoice).content or b"")
    (answer,) = module.made.values()
    assert Draft202012Validator(SCHEMA).is_valid(answer)


def test_the_example_server_lets_nobody_else_in(example: tuple[ModuleType, str]) -> None:
    module, url = example
    module.TOKEN = "t"  # type: ignore[attr-defined]
    configure({"remote_url": url})
    package = a_package()
    pack(package)

    invoice = asked(package)

    assert (invoice.state, invoice.last_error) == ("failed", "Wrong token.")


def test_it_is_as_short_as_an_example_should_be() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 80


@pytest.mark.parametrize("with_document", [False, True])
def test_the_sandbox_answers_by_the_schema(with_document: bool) -> None:
    book = InvoiceSandbox().book
    for kind in ("invoice", "bill", "despatch"):
        made = book.make({"request_id": f"r-{kind}", "kind": kind, "items": [], "order": {}}, "/")
        answer = answer_of(made, "http://127.0.0.1", with_document=with_document)
        assert list(Draft202012Validator(SCHEMA).iter_errors(answer)) == []


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        (GOOD, True),
        ({**GOOD, "invoice_number": "x" * 65}, False),
        ({**GOOD, "invoice_number": 7}, False),
        ({**GOOD, "invoice_date": "soon"}, False),
        ({**GOOD, "e_archive_url": "ftp://e.example.com"}, False),
        ({**GOOD, "document_type": "gif", "document": "JVBERi0="}, False),
        ({key: value for key, value in GOOD.items() if key != "e_archive_url"}, False),
        ({**GOOD, "errors": [{"message": "no"}]}, False),
        ({**GOOD, "unknown": 1}, True),
    ],
)
def test_the_schema_takes_what_we_take(answer: dict[str, Any], fits: bool) -> None:
    assert Draft202012Validator(SCHEMA).is_valid(answer) is fits
    try:
        read_answer(Invoice(kind="invoice"), json.dumps(answer).encode())
        taken = True
    except Unfit:
        taken = False
    assert taken is fits
