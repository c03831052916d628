"""The configuration of a transition: stands on the installed row, never taken from a caller (page 20)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator

from packhouse.kernel.errors import ConfigurationFromCaller, InvalidParameter, NotConfigured

SWITCHES = ("remote_invoice_call", "remote_bill_fulfillment_call", "sync_remote_order_status")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CallAuth(_Strict):
    """How an outside service is authenticated to."""

    request_type: Literal["anonymous", "basic_auth", "token"] = "anonymous"
    username: str | None = None
    password: str | None = None
    token: str | None = None
    token_prefix: str = "Bearer"  # noqa: S105 - the scheme word

    @model_validator(mode="after")
    def _complete(self) -> "CallAuth":
        if self.request_type == "basic_auth" and (self.username is None or self.password is None):
            raise ValueError("basic_auth needs username and password")
        if self.request_type == "token" and not self.token:
            raise ValueError("token needs a token")
        return self


class CallTimeouts(_Strict):
    """Seconds."""

    read: float = Field(default=10, gt=0, le=120)
    connect: float = Field(default=60, gt=0, le=120)


class RemoteCall(_Strict):
    """A call to a service of the customer (invoice, despatch note, bill)."""

    auth: CallAuth = Field(default_factory=CallAuth)
    timeouts: CallTimeouts = Field(default_factory=CallTimeouts)
    remote_url: HttpUrl
    generate_invoice_number: bool = False
    generate_invoice_url: bool = False


class TransitionConfiguration(_Strict):
    """What an installer may write on a transition."""

    sync_remote_order_status: bool = True
    remote_bill_fulfillment_call: bool = False
    remote_invoice_call: RemoteCall | None = None
    remote_despatch_call: RemoteCall | None = None


@dataclass(frozen=True)
class RunConfiguration:
    """What holds for one run: the row's configuration with the caller's switches applied.

    `invoice_call` and `despatch_call` are the row's objects as stored (secrets still encrypted).
    """

    sync: bool = True
    bill: bool = False
    bill_insisted: bool = False
    invoice_call: Mapping[str, Any] | None = None
    despatch_call: Mapping[str, Any] | None = None
    switches: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: Mapping[str, Any], switches: Mapping[str, bool]) -> "RunConfiguration":
        """Raises NotConfigured when a caller switches on a call that the row does not configure."""
        invoice_call = configuration.get("remote_invoice_call") or None
        if switches.get("remote_invoice_call") and invoice_call is None:
            raise NotConfigured(
                {
                    "input_parameters.remote_invoice_call": [
                        "No invoice service is configured for this transition."
                    ]
                }
            )
        if switches.get("remote_invoice_call") is False:
            invoice_call = None
        return cls(
            sync=switches.get(
                "sync_remote_order_status", configuration.get("sync_remote_order_status", True)
            ),
            bill=switches.get(
                "remote_bill_fulfillment_call", configuration.get("remote_bill_fulfillment_call", False)
            ),
            bill_insisted=switches.get("remote_bill_fulfillment_call") is True,
            invoice_call=invoice_call,
            despatch_call=configuration.get("remote_despatch_call") or None,
            switches=switches,
        )


def split_switches(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bool]]:
    """A caller's parameters without the three switches, and the switches.

    Raises ConfigurationFromCaller for an object (it would let any caller aim our server anywhere).
    """
    rest = {key: value for key, value in given.items() if key not in SWITCHES}
    switches: dict[str, bool] = {}
    for key in SWITCHES:
        if key not in given or given[key] is None:
            continue
        value = given[key]
        if isinstance(value, dict | list):
            raise ConfigurationFromCaller(
                {f"input_parameters.{key}": ["This is configured on the transition; send true or false."]}
            )
        if not isinstance(value, bool):
            raise InvalidParameter({f"input_parameters.{key}": ["Send true or false."]})
        switches[key] = value
    return rest, switches
