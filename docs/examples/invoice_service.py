"""An invoice service in a few lines: what an integrator may start from. Python alone, nothing to install.

    INVOICE_TOKEN="an invoice token" python3 docs/examples/invoice_service.py 9300

A request is answered once: the same Idempotency-Key gets the same invoice, however often it comes.
"""

import base64
import json
import os
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = os.environ.get("INVOICE_TOKEN", "")
made: dict[str, dict[str, object]] = {}
lock = threading.Lock()


class Service(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        if TOKEN and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer(401, {"errors": [{"code": "unauthorized", "message": "Wrong token."}]})
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if request["kind"] == "invoice_notification":  # the parcel has left: nothing to answer
            return self.answer(200, {})
        if not request["items"]:
            error = {"code": "empty", "field": "items", "message": "There is nothing to invoice."}
            return self.answer(422, {"errors": [error]})
        key = self.headers["Idempotency-Key"]
        with lock:
            known = key in made
            answer = made.setdefault(key, invoice(request))
        return self.answer(200 if known else 201, answer)

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def invoice(request: dict) -> dict[str, object]:
    """A number of our own, or the one that came with the request, and the document itself."""
    now = datetime.now(UTC)
    number = request["invoice_number"] or f"EXA{now.year}{len(made) + 1:09d}"
    page = (
        f"<!doctype html><h1>{number}</h1><p>{request['amounts']['total']} {request['order']['currency']}</p>"
    )
    prefix = "despatch" if request["kind"] == "despatch" else "invoice"
    return {
        f"{prefix}_number": number,
        f"{prefix}_date": now.isoformat(),
        "document": base64.b64encode(page.encode()).decode(),
        "document_type": "html",
    }


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Service).serve_forever()
