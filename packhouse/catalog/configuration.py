"""Shapes of what an installation configures on mirrored rows; secrets inside are sealed where they are stored.

Keys that a plug-in needs beside these are kept.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from packhouse.kernel.configuration import RemoteCall
from packhouse.kernel.secrets import by_name
from packhouse.kernel.setting_types import Address

IS_SECRET = by_name()
"""Which values of a configuration are secrets: those under the names of `packhouse.kernel.secrets`."""


class CargoConfiguration(BaseModel):
    """How a cargo company is talked to (pages 50 and 80). `status_map`: the carrier's code to ours."""

    model_config = ConfigDict(extra="allow")

    adaptor: str = Field(default="manual", min_length=1)
    base_url: Address | None = None
    username: str | None = None
    password: str | None = None
    credentials_identifier: str | dict[str, str] | None = None
    tracking_url_template: str | None = None
    polling_minutes: int | None = Field(default=None, ge=1)
    api_version: str = "1.0"
    paths: dict[str, str] = Field(default_factory=dict)
    needs_origin: bool = False
    send_parcels: bool = False
    product_keys: list[str] | dict[str, str] = Field(default_factory=list)
    status_map: dict[str, str] = Field(default_factory=dict)
    auto_ship_on_scan: bool = False
    label_source: Literal["carrier", "oms"] = "carrier"


class ChannelConfiguration(BaseModel):
    """`bill_service`: who is asked for bills of this channel's orders (page 80)."""

    model_config = ConfigDict(extra="allow")

    bill_service: RemoteCall | None = None
