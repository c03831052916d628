"""One request at once, while a person waits for its answer."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from packhouse.kernel import version
from packhouse.kernel.addresses import Place
from packhouse.webhooks.network import Answer, Line, Network, Outgoing, trust_store
from packhouse.webhooks.rules import Rules


def send(place: Place, request: Outgoing) -> Answer:
    """Never call this inside a transaction. Never raises for what the network does."""
    version.read_now()  # a setting somebody has just changed counts for the one who tries it out
    rules = Rules.now()
    with ThreadPoolExecutor(1, thread_name_prefix="webhooks-dns") as resolver:
        network = Network(rules.allowed, trust_store(), resolver)
        return asyncio.run(_post(Line(place, network, rules.timeouts), request))


async def _post(line: Line, request: Outgoing) -> Answer:
    try:
        return await line.post(request)
    finally:
        await line.close()
