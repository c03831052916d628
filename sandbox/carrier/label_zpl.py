"""A label as ZPL for a printer of 8 dots per millimetre, 100 x 150 mm."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.carrier.label_text import CARRIER_NAME, LabelText

_COMMAND_CHARACTERS = "^~_\\"


def label_zpl(labels: Sequence[LabelText]) -> bytes:
    """One format per label, UTF-8 (`^CI28`). User text is escaped, so that no name can hold a command."""
    return "\n".join(_format(label) for label in labels).encode()


def _format(label: LabelText) -> str:
    lines = [
        "^XA^CI28^PW800^LL1200",
        _text(48, 40, 40, CARRIER_NAME),
        _text(640, 40, 40, label.parcel),
        _text(48, 95, 24, f"{label.sender}   {label.order_number}   {label.shipment_id}"),
        "^FO48,130^GB704,2,2^FS",
        _text(48, 150, 40, label.receiver),
        _block(48, 205, 28, label.address),
        _text(48, 310, 28, label.place),
        _text(48, 350, 28, label.tel),
    ]
    if label.payment is not None:
        lines.append(_text(48, 420, 56, f"PAY AT DOOR {label.payment}"))
    lines.append(f"^FO120,500^BY3^BCN,160,Y,N,N^FD{label.tracking_number}^FS")
    if label.sscc is not None:
        lines.append(f"^FO90,780^BY4^BCN,256,Y,N,N,D^FD(00){label.sscc}^FS")
    return "\n".join([*lines, "^XZ"])


def _text(x: int, y: int, size: int, text: str) -> str:
    return f"^FO{x},{y}^A0N,{size},{size}^FH^FD{_escaped(text)}^FS"


def _block(x: int, y: int, size: int, text: str) -> str:
    return f"^FO{x},{y}^A0N,{size},{size}^FB704,3,0,L^FH^FD{_escaped(text)}^FS"


def _escaped(text: str) -> str:
    return "".join(
        f"_{ord(letter):02X}" if letter in _COMMAND_CHARACTERS or ord(letter) < 32 else letter
        for letter in text
    )
