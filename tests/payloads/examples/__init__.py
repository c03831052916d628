"""The published examples of every object (kept beside this file), and how a document is held against them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

# Objects whose keys belong to the brand: only that they are objects is published.
FREE = frozenset(
    {
        "attributes",
        "attributes_kwargs",
        "conf",
        "config",
        "extra_attributes",
        "extra_field",
        "extra_information",
        "mapping",
        "translations",
        "working_hours",
    }
)
FORMATS = {
    "moment": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "day": r"\d{4}-\d\d-\d\d",
    "time of day": r"\d\d:\d\d",
    "address": r"https?://\S+",
}


@cache
def _read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def example(name: str) -> Any:
    """An example with every `"<Name>"` replaced by the object it stands for."""
    return _expanded(_read(name))


def _expanded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _expanded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_expanded(inner) for inner in value]
    if isinstance(value, str) and re.fullmatch(r"<\w+>", value):
        return _expanded(_named()[value[1:-1]])
    return value


def _named() -> dict[str, Any]:
    package, order = _read("package"), _read("order")
    return {
        "StockLocation": _read("stock_location"),
        "OrderSummary": package["order"],
        "OrderItem": order["orderitem_set"][0],
        "PackageItem": package["packageitem_set"][0],
        "TransferItem": _read("transfer_order")["transferitem_set"][0],
        "Customer": package["customer"],
        "CustomerAddress": package["shipping_address"],
    }


def kind_of(value: Any) -> str:
    """What a client may rely on about a value: its JSON type, for texts also their format."""
    if isinstance(value, str):
        for name, pattern in FORMATS.items():
            if re.fullmatch(pattern, value):
                return name
        if decimal := re.fullmatch(r"-?\d+\.(\d+)", value):
            return f"decimal of {len(decimal[1])} places"
        return "text"
    return {bool: "boolean", int: "integer", float: "number", type(None): "null"}.get(
        type(value), type(value).__name__
    )


def differences(actual: Any, published: Any, path: str = "") -> list[str]:
    """Where a document differs from its example in keys or kinds. A null in the example promises nothing."""
    if published is None:
        return []
    if isinstance(published, dict) and isinstance(actual, dict):
        return _differences_of_objects(actual, published, path)
    if isinstance(published, list) and isinstance(actual, list):
        if published and not actual:
            return [f"{path}: empty"]
        return [
            found
            for n, inner in enumerate(actual)
            for found in differences(inner, published[0] if published else None, f"{path}[{n}]")
        ]
    present, promised = kind_of(actual), kind_of(published)
    return [] if present == promised else [f"{path}: {present}, published is {promised}"]


def _differences_of_objects(actual: dict[str, Any], published: dict[str, Any], path: str) -> list[str]:
    if path.rpartition(".")[2] in FREE:
        return []
    missing = [f"{path}.{key}: missing" for key in published if key not in actual]
    unknown = [f"{path}.{key}: not published" for key in actual if key not in published]
    inner = (
        differences(actual[key], value, f"{path}.{key}") for key, value in published.items() if key in actual
    )
    return [*missing, *unknown, *(found for several in inner for found in several)]
