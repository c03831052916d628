"""Files of rows that people send: UTF-8, a header row, `,` or `;` between; errors by line, the header is line 1."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

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
    if not rows:
        raise InvalidParameter({"detail": ["The file is empty."]})
    header = _header(rows.pop(0)[1], columns, needed)
    return _rows(rows, header)


def stream_rows(
    stream: TextIO, *, columns: Collection[str], needed: Collection[str]
) -> Iterator[Row | InvalidParameter]:
    """As `read_rows`, for a file of any length; `stream` is opened as UTF-8 with `newline=""`.

    What cannot be read as CSV, or is no UTF-8, is raised when its line is reached.
    """
    lines = _decoded(stream)
    first = next(lines, "").removeprefix("\ufeff")
    if not first.strip():
        raise InvalidParameter({"detail": ["The file is empty."]})
    delimiter = _delimiter(first)
    header = _header(next(csv.reader([first], delimiter=delimiter)), columns, needed)
    return _rows(_cells_of(csv.reader(lines, delimiter=delimiter, strict=True)), header)


def _decoded(stream: TextIO) -> Iterator[str]:
    try:
        yield from stream
    except UnicodeDecodeError:
        raise InvalidParameter({"detail": ["The file is not UTF-8."]}) from None


def _cells_of(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The header was read before, so that the reader's first line is line 2."""
    before = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unreadable(reader.line_num + 1, error) from None
        yield before + 1, cells
        before = reader.line_num + 1


def _unreadable(line: int, error: csv.Error) -> InvalidParameter:
    return InvalidParameter({f"lines.{line}": [f"Not readable as CSV: {error}."]})


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


def _rows(rows: Iterable[tuple[int, list[str]]], header: list[str]) -> Iterator[Row | InvalidParameter]:
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
    delimiter = _delimiter(text.partition("\n")[0])
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
        raise _unreadable(reader.line_num, error) from None
    return rows


def _header(cells: list[str], columns: Collection[str], needed: Collection[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    errors = {f"lines.1.{name}": ["There is no such column."] for name in header if name not in columns}
    errors.update({f"lines.1.{name}": ["This column is needed."] for name in needed if name not in header})
    errors.update(
        {f"lines.1.{name}": ["The column stands twice."] for name in header if header.count(name) > 1}
    )
    if errors:
        raise InvalidParameter(errors)
    return header
