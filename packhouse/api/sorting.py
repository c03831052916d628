"""`sort=-created_date,id`: fields by comma, `-` for descending; the id is always the last key."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from packhouse.kernel.errors import InvalidParameter

STANDARD: Mapping[str, str] = {"id": "id", "created_date": "created_date", "modified_date": "modified_date"}
DEFAULT = "-id"


def ordering(given: str | None, allowed: Mapping[str, str], default: str = DEFAULT) -> list[str]:
    """Arguments for `order_by`. `allowed`: the model's field by public name. Raises InvalidParameter (`sort`)."""
    keys: list[str] = []
    for part in (default if given is None else given).split(","):
        name = part.strip()
        sign, field = ("-", name[1:]) if name.startswith("-") else ("", name)
        if field not in allowed:
            names = ", ".join(sorted(allowed))
            raise InvalidParameter({"sort": [_("Sort by one of: %(names)s.") % {"names": names}]})
        keys.append(sign + allowed[field])
    last = "-id" if keys[-1].startswith("-") else "id"
    return keys if any(key in ("id", "-id") for key in keys) else [*keys, last]
