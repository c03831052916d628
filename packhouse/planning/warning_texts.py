"""Warnings about scenarios as sentences, in English and Turkish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_TEXTS: Mapping[str, tuple[str, str]] = {
    "never_matches": (
        "{field} is an empty list: no order ever matches this scenario.",
        "{field} boş bir liste: bu senaryoya hiçbir sipariş uymaz.",
    ),
    "not_used": (
        "Not looked at unless {field} is {value}.",
        "{field} alanı {value} olmadıkça dikkate alınmaz.",
    ),
    "unknown_location": (
        "There is no location {erp_code}.",
        "{erp_code} kodlu bir lokasyon yok.",
    ),
    "default_inactive": (
        "The default location is not active: {places}.",
        "Varsayılan lokasyon etkin değil: {places}.",
    ),
    "no_rules": (
        "Without rules nothing is ever placed: every item becomes out of stock at the default location.",
        "Kural olmadan hiçbir ürün yerleştirilmez: hepsi varsayılan lokasyonda stokta yok olur.",
    ),
    "rule_never_places": (
        "Rule “{rule}” can never place anything: {places}.",
        "“{rule}” kuralı hiçbir zaman bir şey yerleştiremez: {places}.",
    ),
    "never_places": (
        "This scenario can never place anything: {places}.",
        "Bu senaryo hiçbir zaman bir şey yerleştiremez: {places}.",
    ),
}

_WHY: Mapping[str, tuple[str, str]] = {
    "IS_ACTIVE": ("not active", "etkin değil"),
    "IS_FULFILLMENT_CENTER": ("not a fulfilment centre", "paketleme merkezi değil"),
    "STOCK_LOCATION_LIST": ("not in the list", "listede değil"),
    "EXCEPT_STOCK_LOCATION": ("excepted", "hariç tutulmuş"),
    "STOCK_LOCATION_TYPE": ("of the other type", "diğer türden"),
    "TAGS": ("without the tag", "etiketi yok"),
    "HAS_FLAG": ("without the flag", "özelliği yok"),
    "NO_MAX_QUOTA": ("no maximum quota set", "azami kota girilmemiş"),
    "NO_CAPACITY": ("maximum quota 0", "azami kota 0"),
    "NO_COORDINATES": ("no coordinates", "koordinatı yok"),
    "TOO_FAR": ("farther than the distance allows", "izin verilen mesafeden uzak"),
    "NO_PLACE": ("no such place in its address", "adresinde bu bölge yok"),
    "NEVER_OPEN": ("never open", "hiç açık değil"),
}

_NOWHERE = ("there are no locations", "hiç lokasyon yok")


def warning_text(
    code: str, names: Mapping[str, str], locations: Sequence[tuple[str, str]], language: str
) -> str:
    """One sentence in ``en`` or ``tr``; any other language is read as ``en``."""
    column = 1 if language == "tr" else 0
    places = ", ".join(f"{erp_code} ({_WHY[why][column]})" for erp_code, why in locations)
    return _TEXTS[code][column].format_map({**names, "places": places or _NOWHERE[column]})
