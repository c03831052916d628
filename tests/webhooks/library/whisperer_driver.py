"""Runs in the environment of the public clients: signs with the published library, and sends with it.

The standard input is a JSON object: `sign` (texts with their secrets), or `send` (address, secret, headers, event
type, payload). What came of it is printed as JSON.
"""

import json
import sys

from django.conf import settings

settings.configure()

from whisperer.client import WebhookClient  # noqa: E402  (it reads the settings when it is imported)


def signed(text: str, secret: str) -> str:
    client = WebhookClient("any", None)
    client.sign(secret, text)
    return client.headers["X-Whisperer-Signature"]


def main() -> None:
    task = json.load(sys.stdin)
    if "sign" in task:
        print(json.dumps([signed(text, secret) for text, secret in task["sign"]]))
        return
    one = task["send"]
    client = WebhookClient(one["event_type"], one["payload"])
    answer = client.send_payload(
        one["url"], one["payload"], secret_key=one["secret"], additional_headers=one["headers"]
    )
    print(json.dumps({"status": answer.status_code, "body": answer.json()}))


main()
