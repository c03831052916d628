"""Every collection the sandbox keeps."""

from __future__ import annotations

from sandbox.omnitron.schema import catalog, integration, places, sales
from sandbox.omnitron.schema.fields import Field, Table

TABLES: dict[str, Table] = {
    each.name: each
    for module in (places, catalog, sales, integration)
    for each in vars(module).values()
    if isinstance(each, Table)
}
"""All tables by name."""

__all__ = ["TABLES", "Field", "Table"]
