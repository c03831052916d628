"""Several listeners of one application: http and https together."""

from __future__ import annotations

import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import contextlib, sys
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from sandbox.control import Control
from sandbox.serve import Listener, serve

started = []

@contextlib.asynccontextmanager
async def lifespan(app):
    started.append(1)
    yield

async def answer(request):
    return PlainTextResponse(f"{request.url.scheme} {len(started)}")

app = Control().wrap(Starlette(routes=[Route("/", answer)], lifespan=lifespan))
certificate, key = sys.argv[1:]
serve(app, name="two", host="127.0.0.1", port=0, extra_ports=[Listener(0, certificate, key)])
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    certfile, keyfile = folder / "certificate.pem", folder / "key.pem"
    certfile.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    keyfile.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certfile, keyfile


def test_http_and_https_share_one_application_and_end_together(certificate: tuple[Path, Path]) -> None:
    command = [sys.executable, "-c", PROGRAM, *map(str, certificate)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first, second = (process.stdout.readline().strip() for _ in range(2))
        plain_url, secure_url = (line.rpartition(" ")[2] for line in (first, second))
        with httpx.Client(verify=ssl.create_default_context(cafile=certificate[0])) as client:
            plain, secure = client.get(plain_url), client.get(secure_url)
            client.put(f"{plain_url}/_sandbox/faults/", json={"drop_connection": 1})
            with pytest.raises(httpx.TransportError):
                client.get(secure_url)
            recorded = client.get(f"{secure_url}/_sandbox/requests/").json()
        process.terminate()
        _, errors = process.communicate(timeout=10)

    assert first.startswith("two sandbox at http://127.0.0.1:")
    assert second.startswith("two sandbox also at https://127.0.0.1:")
    assert (plain.text, secure.text) == ("http 1", "https 1")
    assert [row["status"] for row in recorded] == [200, 200, None]
    assert (process.returncode, errors) == (0, "")
