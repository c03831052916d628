"""Addresses are known by a hash of what stands in them: the same address is not kept twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sandbox.omnitron.errors import ApiError
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

ADDRESS = TABLES["address"]
ADDRESS_FIELDS = tuple(each.name for each in ADDRESS.own_fields if each.name not in ("channel", "hash_data"))
HASHED = tuple(name for name in ADDRESS_FIELDS if name not in ("is_active", "remote_id", "extra_field"))
"""What makes two addresses the same."""


def hash_of(address: Mapping[str, Any]) -> str:
    """The hex digest by which an address is known."""
    content = json.dumps([address.get(name) for name in HASHED], ensure_ascii=True, default=str)
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def add_address(store: Store, values: Mapping[str, Any], channel_id: int) -> Row:
    """Write a new address with its hash. Raises ApiError when it is there already."""
    defaults = {each.name: each.default for each in ADDRESS.own_fields}
    complete = {**defaults, **values, "channel": channel_id}
    return store.insert(ADDRESS, {**complete, "hash_data": _free_hash(store, complete, None)})


def rewrite_address(store: Store, row: Row, values: Mapping[str, Any]) -> Row:
    """Change an address and its hash. Raises ApiError when that makes it equal to another one."""
    digest = _free_hash(store, {**row, **values}, row["id"])
    return store.update(ADDRESS, row["id"], {**values, "hash_data": digest})


def _free_hash(store: Store, address: Mapping[str, Any], own_id: int | None) -> str:
    digest = hash_of(address)
    if store.count(ADDRESS, "hash_data = ? AND id IS NOT ?", [digest, own_id]):
        text = f"hash_data:{digest} address with this hash_data already exists."
        raise ApiError(400, {"non_field_errors": text, "code": "unique"})
    return digest
