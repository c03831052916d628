"""Files of rows that people send: UTF-8, a header row, `,` or `;` between; errors by line, the header is line 1."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from packhouse.kernel.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class Row:
    """`values`: the cells that are not empty, by column; `line`: where the row begins in the file."""

    line: int
    values: Mapping[str, str]


def read_rows(
    content: bytes, *, columns: Collection[str], needed: Collection[str], most: int
) -> Iterator[Row | InvalidParameter]:
    """The rows of a file; an error in place of a row with more cells than columns. Empty rows are left out.

    Raises InvalidParameter (`detail`, or `lines.<n>.<column>`) at once where the file or its header is no such.
    """
    rows = _cells(content, most)
    header = _header(rows, columns, needed)
    return _rows(rows, header)


def _rows(rows: list[tuple[int, list[str]]], header: list[str]) -> Iterator[Row | InvalidParameter]:
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            yield InvalidParameter(
                {f"lines.{line}": [f"There are {len(cells)} cells, and {len(header)} columns."]}
            )
            continue
        yield Row(
            line, {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
        )


def _cells(content: bytes, most: int) -> list[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidParameter({"detail": [f"The file is not UTF-8 (byte {error.start})."]}) from None
    if "\x00" in text:
        raise InvalidParameter({"detail": [_("The file holds a NUL character.")]})
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            rows.append((before + 1, cells))
            before = reader.line_num
            if len(rows) > most + 1:
                raise InvalidParameter({"detail": [f"At most {most:,} lines."]})
    except csv.Error as error:
        raise InvalidParameter({f"lines.{reader.line_num}": [f"Not readable as CSV: {error}."]}) from None
    return rows


def _header(
    rows: list[tuple[int, list[str]]], columns: Collection[str], needed: Collection[str]
) -> list[str]:
    if not rows:
        raise InvalidParameter({"detail": ["The file is empty."]})
    header = [cell.strip().lower() for cell in rows.pop(0)[1]]
    errors = {f"lines.1.{name}": ["There is no such column."] for name in header if name not in columns}
    errors.update({f"lines.1.{name}": ["This column is needed."] for name in needed if name not in header})
    errors.update(
        {f"lines.1.{name}": ["The column stands twice."] for name in header if header.count(name) > 1}
    )
    if errors:
        raise InvalidParameter(errors)
    return header
