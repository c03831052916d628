"""Which class talks to a carrier: the adaptors shipped, and plug-ins."""

from functools import cache
from importlib.metadata import entry_points
from typing import Final

from packhouse.integrations.carriers.account import Account
from packhouse.integrations.carriers.contract import CarrierAdaptor
from packhouse.integrations.carriers.http import HttpCarrier
from packhouse.integrations.carriers.manual import ManualCarrier
from packhouse.integrations.carriers.sandbox import SandboxCarrier
from packhouse.integrations.http import ONCE, Patience
from packhouse.kernel.errors import NotConfigured

GROUP: Final = "packhouse.carriers"
SHIPPED: Final[dict[str, type[CarrierAdaptor]]] = {
    "manual": ManualCarrier,
    "http": HttpCarrier,
    "sandbox": SandboxCarrier,
}


def adaptor_of(account: Account, patience: Patience = ONCE) -> CarrierAdaptor:
    """The adaptor of an account. Raises NotConfigured when there is none of its name, or it lacks settings."""
    return _class_named(account.configuration.adaptor)(account, patience)


@cache
def _class_named(name: str) -> type[CarrierAdaptor]:
    if name in SHIPPED:
        return SHIPPED[name]
    for entry in entry_points(group=GROUP, name=name):
        found: type[CarrierAdaptor] = entry.load()
        return found
    known = ", ".join(sorted({*SHIPPED, *(entry.name for entry in entry_points(group=GROUP))}))
    raise NotConfigured(f"There is no carrier adaptor {name!r}; there are: {known}.")
