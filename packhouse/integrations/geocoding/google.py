"""The geocode service `google` (published provider): its Geocoding API, or one that answers alike."""

from decimal import Decimal
from typing import Final, Literal

from pydantic import BaseModel, Field, ValidationError

from packhouse.integrations.failures import BadAnswer, Refused
from packhouse.integrations.http import MEGABYTE, Call, Patience, send
from packhouse.kernel import settings_store
from packhouse.kernel.errors import NotConfigured
from packhouse.locations.ports import Coordinates

ADDRESS: Final = "https://maps.googleapis.com/maps/api/geocode/json"
PATIENCE: Final = Patience(tries=2, within=6)
PLACES: Final = Decimal("0.00000001")


class _Location(BaseModel):
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)


class _Geometry(BaseModel):
    location: _Location


class _Result(BaseModel):
    geometry: _Geometry


class _Answer(BaseModel):
    status: Literal["OK", "ZERO_RESULTS"]
    results: list[_Result] = []


class _Refusal(BaseModel):
    status: str
    error_message: str = ""


def find(address: str) -> Coordinates | None:
    """Where an address is; None when the service knows none. Raises NotConfigured, OutsideFailure."""
    configuration = settings_store.get("GEOCODE_PROVIDER_SETTINGS")
    if configuration is None:
        raise NotConfigured("GEOCODE_PROVIDER_SETTINGS is not set.")
    call = Call(
        f"geocode/{configuration['provider']}",
        "geocode",
        "GET",
        configuration["url"] or ADDRESS,
        params=(("address", address), ("key", configuration["api_key"])),
        connect=2,
        read=4,
        largest=MEGABYTE,
    )
    body = send(call, PATIENCE).json()
    try:
        answer = _Answer.model_validate(body)
    except ValidationError:
        raise _failure(body) from None
    if not answer.results:
        return None
    found = answer.results[0].geometry.location
    return Coordinates(_degrees(found.lng), _degrees(found.lat))


def _degrees(value: float) -> Decimal:
    return Decimal(str(value)).quantize(PLACES)


def _failure(body: object) -> Exception:
    try:
        told = _Refusal.model_validate(body)
    except ValidationError:
        return BadAnswer("The geocode service answered something else than coordinates.")
    if told.status in ("OK", "ZERO_RESULTS"):
        return BadAnswer("The geocode service answered coordinates that are none.")
    return Refused(f"The geocode service answers {told.status}. {told.error_message}".strip())
