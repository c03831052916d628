"""Creating and changing stock locations by hand (pages 40 and 50)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from packhouse.inventory.openings import begin_count, lock_shelves
from packhouse.kernel import outbox
from packhouse.locations.models import StockLocation, StockLocationAddress, Tag
from packhouse.payloads import location as payload


@transaction.atomic
def create_location(values: Mapping[str, Any]) -> int:
    """A location with these fields; subscribers are told. Its id."""
    location = StockLocation(sequence=1)
    _write(location, values)
    _tell(location, "stock_location.created")
    return location.pk


@transaction.atomic
def change_location(location_id: int, values: Mapping[str, Any]) -> bool:
    """Change what differs; whether something did. The back office no longer overwrites what was changed here.

    `values` by field name, `address` as its own fields, an id, or None, `tags` by name, `channels` by id.
    """
    if "engine" in values:
        lock_shelves(location_id)
    location = StockLocation.objects.select_for_update().get(pk=location_id)
    changed = {name: value for name, value in values.items() if _differs(location, name, value)}
    if not changed:
        return False
    location.sequence += 1
    location.local_fields = sorted({*location.local_fields, *changed})
    _write(location, changed)
    if "engine" in changed and location.engine in (None, 1):
        begin_count(location.pk)
    _tell(location, "stock_location.updated")
    return True


@transaction.atomic
def change_address(address_id: int, values: Mapping[str, Any]) -> None:
    """Change an address; every location that has it is changed with it."""
    for location_id in (
        StockLocation.objects.filter(address=address_id).order_by("pk").values_list("pk", flat=True)
    ):
        change_location(location_id, {"address": dict(values)})
    StockLocationAddress.objects.filter(pk=address_id).update(**values)


def _differs(location: StockLocation, name: str, value: Any) -> bool:
    if name == "tags":
        return set(location.tags.values_list("name", flat=True)) != set(value)
    if name == "channels":
        return set(location.channels.values_list("pk", flat=True)) != set(value)
    if name == "address":
        if isinstance(value, Mapping):
            kept = location.address
            return kept is None or any(getattr(kept, key) != wanted for key, wanted in value.items())
        return bool(location.address_id != value)
    return bool(getattr(location, name) != value)


def _write(location: StockLocation, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in ("address", "tags", "channels"):
            setattr(location, name, value)
    if "address" in values:
        _write_address(location, values["address"])
    location.save()
    if "tags" in values:
        location.tags.set([Tag.objects.get_or_create(name=name)[0] for name in values["tags"]])
    if "channels" in values:
        location.channels.set(values["channels"])


def _write_address(location: StockLocation, value: Mapping[str, Any] | int | None) -> None:
    if not isinstance(value, Mapping):
        location.address_id = value
        return
    address = location.address or StockLocationAddress()
    for name, wanted in value.items():
        setattr(address, name, wanted)
    address.save()
    location.address = address


def _tell(location: StockLocation, type_: str) -> None:
    document = payload.documents([location.pk])[location.pk]
    event = outbox.NewEvent(
        type=type_,
        kind="stock_location",
        object_id=location.pk,
        sequence=location.sequence,
        document=document,
        erp_codes=(location.erp_code,),
    )
    outbox.record(events=[event])
