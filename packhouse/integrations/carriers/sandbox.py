"""`sandbox`: the contract against `packhouse-sandbox carrier` at its usual address, unless configured otherwise."""

from dataclasses import replace

from packhouse.integrations.carriers.account import Account
from packhouse.integrations.carriers.http import HttpCarrier
from packhouse.integrations.http import Patience

DEFAULTS = {"base_url": "http://127.0.0.1:9200", "username": "carrier", "password": "carrier"}


class SandboxCarrier(HttpCarrier):
    def __init__(self, account: Account, patience: Patience) -> None:
        given = account.configuration
        missing = {key: value for key, value in DEFAULTS.items() if getattr(given, key) is None}
        super().__init__(replace(account, configuration=given.model_copy(update=missing)), patience)
