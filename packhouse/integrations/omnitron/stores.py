"""Retail stores of the back office as stock locations (page 70, A6)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from packhouse.catalog.models import District, Township
from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.mirrored_rows import CONNECTION
from packhouse.commands.orders.order_document import AddressPart, read_part
from packhouse.commands.orders.places import Places, places_by_id
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.store_document import StorePart, read_store
from packhouse.kernel import outbox
from packhouse.kernel.errors import InvalidParameter
from packhouse.locations.models import StockLocation, StockLocationAddress
from packhouse.payloads import location as payloads


def read_and_copy(store_pk: int) -> None:
    """Read a store now and write its location. Raises what calls raise, and InvalidParameter."""
    copy_store(Omnitron().row("retail_stores", pk=store_pk))


def copy_store(given: Mapping[str, Any]) -> tuple[int, bool]:
    """Create or bring up to date the location of a store (nested or flat); its id, and whether it changed.

    Fields edited here (`local_fields`) stay, as does what only we have. Subscribers learn of a change. Raises
    InvalidParameter for a store without id or name.
    """
    store = read_store(given)
    if store.pk is None or store.name is None:
        raise InvalidParameter({"pk": ["A store has an id and a name."]})
    with transaction.atomic():
        location = _locked(store)
        is_new = location is None
        location = location or StockLocation(
            connection=CONNECTION,
            omnitron_id=store.pk,
            priority=store.sort_order or 0,
            max_quota=store.capacity_limit,
            stock_location_type=store.kind,
        )
        changed = _write(location, store)
        if not (is_new or changed):
            return location.pk, False
        location.sequence += 1
        location.save()
        _tell(location, "stock_location.created" if is_new else "stock_location.updated")
    return location.pk, True


def switch_off(location_ids: list[int]) -> None:
    """Locations whose stores vanished."""
    for location_id in sorted(location_ids):
        with transaction.atomic():
            location = StockLocation.objects.select_for_update().get(pk=location_id)
            if location.is_active and "is_active" not in location.local_fields:
                location.is_active = False
                location.sequence += 1
                location.save(update_fields=["is_active", "sequence"])
                _tell(location, "stock_location.updated")


def _locked(store: StorePart) -> StockLocation | None:
    """By the back office's id; else one of ours with the same code that is nobody's yet."""
    rows = StockLocation.objects.select_for_update(of=("self",)).select_related("address")
    found = rows.filter(connection=CONNECTION, omnitron_id=store.pk).first()
    if found is None and store.erp_code:
        found = rows.filter(erp_code=store.erp_code, omnitron_id=None).first()
        if found is not None:
            found.omnitron_id = store.pk
    return found


def _write(location: StockLocation, store: StorePart) -> bool:
    """Put the store's fields on the location; whether one of them was another."""
    told = store.modified_date
    known = location.remote_modified_date
    if location.pk and told is not None and known is not None and told < known:
        return False
    columns = {
        name: value for name, value in _columns(location, store).items() if name not in location.local_fields
    }
    changed = any(getattr(location, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(location, name, value)
    if "address" not in location.local_fields:
        changed = _write_address(location, store) or changed
    return changed


def _columns(location: StockLocation, store: StorePart) -> dict[str, Any]:
    return {
        "omnitron_id": store.pk,
        "name": store.name,
        "erp_code": _free_code(location, store),
        "daytime_phone": store.phone_number or "",
        "fax_number": store.fax_number or "",
        "working_hours": store.working_hours(),
        "is_active": store.is_active is not False,
        "is_delivery_location": bool(store.click_and_collect),
        "is_fast_delivery_available": bool(store.fast_delivery),
        "is_return_available": bool(store.is_return_accepted),
        "conf": store.config or {},
        "remote_modified_date": store.modified_date,
        "remote_data": store.rest,
    }


def _free_code(location: StockLocation, store: StorePart) -> str:
    """The store's code; without one, or where another location has it, one made of its id."""
    others = StockLocation.objects.filter(erp_code=store.erp_code).exclude(pk=location.pk)
    if not store.erp_code or others.exists():
        return f"OMN-{store.pk}"
    return store.erp_code


def _write_address(location: StockLocation, store: StorePart) -> bool:
    places = _places(store)
    told: dict[str, Any] = {
        "title": store.name,
        "line": store.address or "",
        "longitude": store.longitude,
        "latitude": store.latitude,
        **places.columns(),
    }
    address = location.address
    if address is not None and all(getattr(address, name) == value for name, value in told.items()):
        return False
    address = address or StockLocationAddress()
    for name, value in told.items():
        setattr(address, name, value)
    address.save()
    location.address = address
    return True


def _places(store: StorePart) -> Places:
    """A store names its district or its township; what these lie in follows from ours."""
    part = read_part(
        AddressPart, {"township": store.township, "district": store.district}, Reading(lenient=True)
    )
    found = places_by_id([part])[0]
    district = District.objects.filter(pk=found.district_id).first() if found.district_id else None
    township_id = found.township_id or (district.township_id if district else None)
    township = Township.objects.select_related("city").filter(pk=township_id).first() if township_id else None
    if township is None:
        return found
    return Places(
        country_id=township.city.country_id,
        city_id=township.city_id,
        township_id=township.pk,
        district_id=found.district_id,
    )


def _tell(location: StockLocation, event: str) -> None:
    document = payloads.documents([location.pk])[location.pk]
    outbox.record(
        events=[
            outbox.NewEvent(
                type=event,
                kind="stock_location",
                object_id=location.pk,
                sequence=location.sequence,
                document=document,
                erp_codes=(location.erp_code,),
            )
        ]
    )
