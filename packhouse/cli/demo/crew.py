"""The people of the stores, as programs: they use the HTTP API like everybody else."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Self

import httpx

from packhouse.cli.progress import bar

Package = Mapping[str, Any]
HANDS = 4
PAGE = 100


class Refused(Exception):
    """A command was refused; the text is the answer."""


class Crew:
    """Runs commands on packages over HTTP, a few at a time."""

    def __init__(self, base_url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=f"{base_url}/api/v1/oms/",
            headers={"Authorization": f"Token {token}"},
            timeout=60,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def packages(self, state: str) -> Iterator[Package]:
        """Packages in a state (`enum_value`), oldest first, whole."""
        after = 0
        while True:
            parameters = {"state__enum_value": state, "sort": "id", "id__gt": after, "limit": PAGE}
            rows = self._get("packages/", parameters)["results"]
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1]["id"]

    def all_do(self, text: str, work: Callable[[Package], None], packages: Iterable[Package]) -> int:
        """Do `work` on every package, several at once; how many. Raises Refused at the first refusal."""
        wanted = list(packages)
        with bar(text, len(wanted)) as progress, ThreadPoolExecutor(HANDS) as hands:
            for done in as_completed([hands.submit(work, package) for package in wanted]):
                done.result()
                progress.advance()
        return len(wanted)

    def agree(self, package: Package) -> None:
        """The marketplace has agreed to several parcels."""
        self.run(package, "remote-action-done")

    def pack(self, package: Package) -> None:
        """Take every item off the shelf, scanning it; the carrier and the invoice service are told."""
        barcodes = [
            {"order_item": item["order_item"]["id"], "barcode": item["order_item"]["product"]["barcode"]}
            for item in package["packageitem_set"]
        ]
        self.run(package, "CompletePackagingCommand", {"barcodes": barcodes})

    def prepare_and_pack(self, package: Package) -> None:
        """The long way: taken up, laid ready, packed."""
        self.run(package, "start-preparing")
        self.run(package, "ready-for-packaging")
        self.pack(package)

    def hand_over(self, package: Package) -> None:
        """The carrier has taken it."""
        self.run(package, "ShipThePackageCommand")

    def hand_to_customer(self, package: Package) -> None:
        """The customer has it."""
        self.run(package, "delivered")

    def run(self, package: Package, slug: str, parameters: Mapping[str, Any] | None = None) -> None:
        """One command. Raises Refused."""
        body = {"package": package["id"], "slug": slug, "input_parameters": parameters or {}}
        key = {"Idempotency-Key": f"demo-{package['id']}-{slug}"}
        answer = self._client.post(f"packages/{package['id']}/command/", json=body, headers=key)
        if answer.status_code != httpx.codes.NO_CONTENT:
            raise Refused(f"{slug} of {package['number']}: {answer.status_code} {answer.text[:500]}")

    def ask_carrier(self, package: Package) -> None:
        """Have the shipment's state asked for now, not when its turn comes. Raises Refused."""
        answer = self._client.post(f"shipments/{package['shipment']['id']}/poll/", json={})
        if answer.status_code != httpx.codes.ACCEPTED:
            raise Refused(f"polling of {package['number']}: {answer.status_code} {answer.text[:500]}")

    def _get(self, path: str, parameters: Mapping[str, Any]) -> Any:
        answer = self._client.get(path, params=dict(parameters))
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"GET {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()
