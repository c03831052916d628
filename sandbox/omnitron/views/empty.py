"""Collections of the public client that this sandbox keeps nothing in: an empty list, every row 404."""

from __future__ import annotations

from typing import Any, NoReturn

from sandbox.omnitron.call import Call
from sandbox.omnitron.errors import NotFound
from sandbox.omnitron.paging import empty_page
from sandbox.omnitron.views.generic import Routes

_COLLECTIONS = (
    "category_trees",
    "category_nodes",
    "attribute_set_configs",
    "attribute_sets",
    "attributes",
    "attribute_schemas",
    "attribute_configs",
    "attribute_values",
    "attribute_value_configs",
    "product_categories",
    "extra_product_prices",
    "extra_product_stocks",
)


def nothing(call: Call) -> dict[str, Any]:
    """An empty list."""
    call.channel()
    return empty_page()


def nobody(_call: Call) -> NoReturn:
    """No such row."""
    raise NotFound()


ROUTES: Routes = {}
for _name in _COLLECTIONS:
    _path = f"/channel/{{channel}}/{_name}"
    ROUTES[_path] = {"GET": nothing}
    for _feed in ("updates", "inserts", "detailed"):
        ROUTES[f"{_path}/{_feed}"] = {"GET": nothing}
    ROUTES[f"{_path}/{{id}}"] = {"GET": nobody}
    ROUTES[f"{_path}/{{id}}/detailed"] = {"GET": nobody}
