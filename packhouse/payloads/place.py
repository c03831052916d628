"""Countries, cities, townships and districts as they stand inside addresses (`pk` in place of `id`)."""

from packhouse.payloads.sql import one


def _place(table: str, id: str, own: str) -> str:
    return one(f"id AS pk, name, {own}, is_active, longitude, latitude", f"catalog_{table} WHERE id = {id}")


def places(address: str) -> dict[str, str]:
    """The four places of an address row with this alias, as columns."""
    return {
        "country": _place("country", f"{address}.country_id", "code"),
        "city": _place("city", f"{address}.city_id", "country_id AS country"),
        "township": _place("township", f"{address}.township_id", "city_id AS city"),
        "district": _place("district", f"{address}.district_id", "city_id AS city, township_id AS township"),
    }
