"""`manual`: nobody is called. Tracking numbers come by command, labels are drawn here."""

from typing import ClassVar

from packhouse.integrations.carriers.account import Account
from packhouse.integrations.carriers.contract import CarrierAdaptor
from packhouse.integrations.http import Patience


class ManualCarrier(CarrierAdaptor):
    is_integrated: ClassVar[bool] = False

    def __init__(self, account: Account, patience: Patience) -> None:
        """Nothing to keep: there is no other side."""
