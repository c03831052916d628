"""XML of UBL, written node by node in the order of its schemas."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from xml.etree import ElementTree as ET

SPACES: Final = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_CENT: Final = Decimal("0.01")
# What XML 1.0 cannot say at all; names and addresses come from anywhere.
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Child = ET.Element | str | None


def node(name: str, *children: Child, **attributes: str) -> ET.Element:
    """`cbc:ID` or `cac:Party` with its text, or its nodes; what is None is left out."""
    prefix, _, local = name.partition(":")
    made = ET.Element(f"{{{SPACES[prefix]}}}{local}", attributes)
    for child in children:
        if isinstance(child, str):
            made.text = _UNSPEAKABLE.sub("", child)
        elif child is not None:
            made.append(child)
    return made


def text(name: str, value: Any, **attributes: str) -> ET.Element | None:
    """A node with this text; None for what has no value."""
    return None if value in (None, "") else node(name, str(value), **attributes)


def filled(name: str, *children: Child) -> ET.Element | None:
    """A node of these nodes; None when there are none, as no empty one may stand in a document."""
    present = [child for child in children if child is not None]
    return node(name, *present) if present else None


def money(name: str, amount: Decimal, currency: str) -> ET.Element:
    return node(name, f"{amount.quantize(_CENT, ROUND_HALF_UP)}", currencyID=currency)


def document(kind: str, *children: Child) -> bytes:
    """A whole document of this kind (`Invoice`), UTF-8 with its declaration."""
    space = f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
    root = ET.Element(f"{{{space}}}{kind}")
    root.extend([child for child in children if isinstance(child, ET.Element)])
    for prefix, uri in (*SPACES.items(), ("", space)):
        ET.register_namespace(prefix, uri)
    ET.indent(root)
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True)
