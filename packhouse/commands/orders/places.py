"""Countries, cities, townships and districts: copied by the back office's ids, or found by name as people write it."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet

from packhouse.catalog.models import City, Country, District, Place, Township
from packhouse.commands.orders.mirrored_rows import CONNECTION, Copied, Row, copy_rows, known_ids
from packhouse.commands.orders.order_document import AddressPart, PlacePart
from packhouse.kernel import settings_store
from packhouse.kernel.errors import InvalidParameter

PlaceT = TypeVar("PlaceT", bound=Place)
COUNTRY_NAMES = {"tr": "Türkiye", "us": "United States"}
_I_LETTERS = str.maketrans({"I": "i", "ı": "i", "İ": "i"})


@dataclass(frozen=True, slots=True)
class Places:
    """Our ids; None where nothing was said."""

    country_id: int | None = None
    city_id: int | None = None
    township_id: int | None = None
    district_id: int | None = None

    def columns(self) -> dict[str, int | None]:
        return {
            "country_id": self.country_id,
            "city_id": self.city_id,
            "township_id": self.township_id,
            "district_id": self.district_id,
        }


def fold(name: str) -> str:
    """How names are compared: I, ı, İ and i are one letter; case, accents and the width of gaps do not count."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_I_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def place_row(part: PlacePart, **above: Any) -> Row:
    """A place as `copy_rows` takes it. Raises InvalidParameter when it has no id or no name."""
    name = part.name or part.key
    if part.pk is None or name is None:
        raise InvalidParameter({"name": ["A place has an id and a name."]})
    return {
        "omnitron_id": part.pk,
        "name": name,
        "folded_name": fold(name)[:255],
        "is_active": part.is_active is not False,
        "longitude": part.longitude,
        "latitude": part.latitude,
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
        **above,
    }


def copy_countries(parts: Iterable[PlacePart]) -> Copied:
    """Copied by id."""
    return copy_rows(Country, [place_row(part, code=part.code or "") for part in parts])


def copy_cities(parts: Iterable[PlacePart]) -> Copied:
    """Copied by id, where their country is known."""
    listed = [(part, part.country.pk) for part in parts if part.country is not None]
    countries = known_ids(Country, (above for _, above in listed))
    return copy_rows(
        City,
        [place_row(part, country_id=countries[above]) for part, above in listed if above in countries],
    )


def copy_townships(parts: Iterable[PlacePart]) -> Copied:
    """Copied by id, where their city is known."""
    listed = [(part, part.city.pk) for part in parts if part.city is not None]
    cities = known_ids(City, (above for _, above in listed))
    return copy_rows(
        Township, [place_row(part, city_id=cities[above]) for part, above in listed if above in cities]
    )


def copy_districts(parts: Iterable[PlacePart]) -> Copied:
    """Copied by id, where their township is known; the city is the township's."""
    listed = [(part, part.township.pk) for part in parts if part.township is not None]
    townships = known_ids(Township, (above for _, above in listed))
    cities = dict(Township.objects.filter(pk__in=townships.values()).values_list("id", "city_id"))
    return copy_rows(
        District,
        [
            place_row(part, township_id=townships[above], city_id=cities[townships[above]])
            for part, above in listed
            if above in townships
        ],
    )


_KNOWN = " UNION ALL ".join(
    f"SELECT '{level}', omnitron_id, id FROM catalog_{level} WHERE connection = %s AND omnitron_id = ANY(%s)"  # noqa: S608
    for level in ("country", "city", "township", "district")
)
_COPY = {
    "country": copy_countries,
    "city": copy_cities,
    "township": copy_townships,
    "district": copy_districts,
}


def places_by_id(addresses: Sequence[AddressPart]) -> list[Places]:
    """The places of addresses of the back office, by its ids; those not known yet are copied where they came whole."""
    parts = {level: _parts(addresses, level) for level in _COPY}
    known = _known_places(parts)
    missing = [level for level in _COPY if parts[level].keys() - known[level].keys()]
    for level in missing:
        new = [part for pk, part in parts[level].items() if pk not in known[level] and part.name is not None]
        _COPY[level](new)
    if missing:
        known = _known_places(parts)
    return [_places(address, known) for address in addresses]


def _parts(addresses: Sequence[AddressPart], level: str) -> dict[int, PlacePart]:
    parts = (getattr(address, level) for address in addresses)
    return {part.pk: part for part in parts if part is not None and part.pk is not None}


def _known_places(parts: dict[str, dict[int, PlacePart]]) -> dict[str, dict[int, int]]:
    parameters = [value for level in _COPY for value in (CONNECTION, list(parts[level]))]
    known: dict[str, dict[int, int]] = {level: {} for level in _COPY}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, parameters)
        for level, theirs, ours in cursor.fetchall():
            known[level][theirs] = ours
    return known


def _places(address: AddressPart, known: dict[str, dict[int, int]]) -> Places:
    ids = {}
    for level in _COPY:
        part = getattr(address, level)
        ids[f"{level}_id"] = known[level].get(part.pk) if part is not None else None
    return Places(**ids)


def places_by_name(address: AddressPart, *, create_missing: bool, path: str) -> Places:
    """The places of an imported address, by name within what they lie in, or by id.

    Without a country: that of the city, if one city is called so, else the installation's. What is not known is
    made. Raises InvalidParameter naming the field, where it may not be made or where the one above is missing.
    """
    if address.city is None:
        raise InvalidParameter({f"{path}.city": ["This field is required."]})
    finder = _Finder(create_missing, path)
    country = finder.country(address.country, address.city)
    city = finder.find(City, "city", address.city, country=country)
    if address.township is None:
        if address.district is not None:
            raise InvalidParameter({f"{path}.township": ["A district needs its township."]})
        return Places(country.pk, city.pk)
    township = finder.find(Township, "township", address.township, city=city)
    if address.district is None:
        return Places(country.pk, city.pk, township.pk)
    district = finder.find(District, "district", address.district, township=township, city=city)
    return Places(country.pk, city.pk, township.pk, district.pk)


@dataclass(frozen=True, slots=True)
class _Finder:
    create_missing: bool
    path: str

    def country(self, part: PlacePart | None, city: PlacePart) -> Country:
        if part is not None:
            return self._country_named(part)
        found = City.objects.filter(is_active=True, folded_name=fold(city.name or city.key or ""))
        countries = {row.country_id for row in found.only("country_id")[:2]}
        if len(countries) == 1:
            return Country.objects.get(pk=countries.pop())
        code = settings_store.get("LOCALE")["language"].partition("-")[2]
        home = Country.objects.filter(code__iexact=code).order_by("id").first()
        return home or self.find(Country, "country", PlacePart(key=COUNTRY_NAMES.get(code, code)), code=code)

    def _country_named(self, part: PlacePart) -> Country:
        word = part.code or part.name or part.key or ""
        by_code = Country.objects.filter(code__iexact=word).order_by("id").first() if len(word) == 2 else None
        code = {"code": word.lower()} if len(word) == 2 else {}
        return by_code or self.find(Country, "country", part, **code)

    def find(self, model: type[PlaceT], field: str, part: PlacePart, **above: Any) -> PlaceT:
        """By name, else by our id, else by the back office's; made when allowed."""
        name = part.name or part.key
        within = {key: value for key, value in above.items() if key != "code"}
        rows: QuerySet[PlaceT] = QuerySet(model)
        rows = rows.filter(**within)
        found = None
        if name is not None:
            found = rows.filter(folded_name=fold(name)[:255]).order_by("-is_active", "id").first()
        if found is None and part.pk is not None:
            found = rows.filter(pk=part.pk).first() or rows.filter(omnitron_id=part.pk).first()
        if found is not None:
            return found
        if name is None or part.pk is not None or not self.create_missing:
            shown = name or part.pk
            raise InvalidParameter({f"{self.path}.{field}": [f"There is no {field} {shown}."]})
        return QuerySet(model).create(name=name, folded_name=fold(name)[:255], **above)
