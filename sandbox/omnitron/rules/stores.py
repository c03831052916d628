"""Opening and changing retail stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.omnitron.errors import NotAcceptable
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

STORE = TABLES["retail_store"]
_WRITABLE = tuple(each.name for each in STORE.own_fields)
_OTHER_NAMES = {"township_id": "township", "district_id": "district", "fax_number": "fax_phone_number"}


def store_values(store: Store, body: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a body says of a store, under whichever of the two names. Raises BadRequest."""
    body = {
        **{_OTHER_NAMES.get(name, name): value for name, value in body.items() if name in _OTHER_NAMES},
        **body,
    }
    return cleaned(store, STORE, body, _WRITABLE, required)


def add_store(store: Store, changes: Changes, body: Mapping[str, Any]) -> Row:
    """Open a store. Raises BadRequest, NotAcceptable for an `erp_code` that is taken."""
    values = store_values(store, body, required=("name",))
    _check_code(store, values, None)
    row = store.insert(STORE, values)
    changes.store(row["id"], created=True)
    return row


def change_store(store: Store, changes: Changes, row: Row, body: Mapping[str, Any]) -> Row:
    """Change a store. Raises as `add_store` does."""
    values = store_values(store, body)
    _check_code(store, values, row["id"])
    written = store.update(STORE, row["id"], values)
    changes.store(row["id"])
    return written


def replace_store(store: Store, changes: Changes, row: Row, body: Mapping[str, Any]) -> Row:
    """Change a store as a whole: fields that are left out go back to their default. Raises as `add_store` does."""
    values = store_values(store, body, required=("name",))
    _check_code(store, values, row["id"])
    defaults = {each.name: each.default for each in STORE.own_fields}
    written = store.update(STORE, row["id"], {**defaults, **values})
    changes.store(row["id"])
    return written


def _check_code(store: Store, values: Mapping[str, Any], own_id: int | None) -> None:
    code = values.get("erp_code")
    if code and store.count(STORE, "erp_code = ? AND id IS NOT ?", [code, own_id]):
        raise NotAcceptable(f"Retail store with erp_code {code} already exists.", "RetailStoreAlreadyExists")
