"""Forms of lists other than JSON: exports to CSV and Excel, XML, HTML."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import escape
from django.utils.translation import gettext as _
from openpyxl import Workbook
from rest_framework.renderers import BaseRenderer
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from packhouse.api.json_text import dumps
from packhouse.api.refusals import TooManyRows

MOST_ROWS = 100_000
CHUNK = 500
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # Excel's own limit

Row = Mapping[str, Any]
Column = tuple[str, ...]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_TAG = re.compile(r"[^\w.-]")


class _Export(BaseRenderer):
    """Stands for a format in the negotiation; the list itself streams the file."""

    charset = None

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> bytes:
        """What is no list (an error) stays JSON."""
        return b"" if data is None else dumps(data).encode()


class CSVFormat(_Export):
    media_type = "text/csv"
    format = "csv"


class XLSFormat(_Export):
    media_type = EXCEL
    format = "xls"


class XLSXFormat(_Export):
    media_type = EXCEL
    format = "xlsx"


EXPORTS: tuple[type[BaseRenderer], ...] = (CSVFormat, XLSFormat, XLSXFormat)
EXPORTED = frozenset({"csv", "xls", "xlsx"})


def columns_of(serializer: BaseSerializer[Any]) -> list[Column]:
    """The columns of an export: nested objects as `a.b`; lists stay one column."""
    columns: list[Column] = []
    if not isinstance(serializer, Serializer):
        return columns
    for name, field in serializer.fields.items():
        if isinstance(field, Serializer) and not isinstance(field, ListSerializer):
            columns += [(name, *below) for below in columns_of(field)]
        else:
            columns.append((name,))
    return columns


def export(
    kind: str,
    name: str,
    columns: Sequence[Column],
    ids: Sequence[int],
    documents: Callable[[Sequence[int]], Iterable[Row]],
) -> HttpResponseBase:
    """A file of the rows with these ids. Raises TooManyRows beyond 100,000."""
    if len(ids) > MOST_ROWS:
        raise TooManyRows(_("The export would be longer than 100,000 rows; narrow it by filters."))
    rows = (
        [_value(document, column) for column in columns]
        for start in range(0, len(ids), CHUNK)
        for document in documents(ids[start : start + CHUNK])
    )
    header = [".".join(column) for column in columns]
    if kind == "csv":
        return _file(
            StreamingHttpResponse(_csv(header, rows), content_type="text/csv; charset=utf-8"), f"{name}.csv"
        )
    return _workbook(header, rows, f"{name}.xlsx")


def _file(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _value(document: Any, column: Column) -> Any:
    for key in column:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    for count, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if count % CHUNK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def cell(value: Any) -> str | int | float:
    """A value as it stands in a cell; a text that a spreadsheet would run as a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = _text(value)
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _text(value: Any) -> str:
    """A text as it is, anything else as JSON has it."""
    return value if isinstance(value, str) else dumps(value).strip('"')


def _workbook(header: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(header))
    for row in rows:
        sheet.append([_sheet_cell(value) for value in row])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it when it has been sent
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=EXCEL)


def _sheet_cell(value: Any) -> str | int | float:
    content = cell(value)
    return _NOT_IN_XML.sub("", content)[:LONGEST_CELL] if isinstance(content, str) else content


class XMLRenderer(BaseRenderer):
    """`<root>`, a list's items as `<list-item>`."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> str:
        stream = io.StringIO()
        writer = XMLGenerator(stream, "utf-8")
        writer.startDocument()
        self._element(writer, "root", data)
        writer.endDocument()
        return stream.getvalue()

    def _element(self, writer: XMLGenerator, name: str, value: Any) -> None:
        tag = _NOT_IN_A_TAG.sub("_", name)
        tag = tag if tag[:1].isalpha() or tag[:1] == "_" else f"_{tag}"
        writer.startElement(tag, AttributesImpl({}))
        if isinstance(value, Mapping):
            for key, item in value.items():
                self._element(writer, str(key), item)
        elif isinstance(value, list | tuple):
            for item in value:
                self._element(writer, "list-item", item)
        elif value is not None:
            writer.characters(_NOT_IN_XML.sub("", _text(value)))
        writer.endElement(tag)


class HTMLRenderer(BaseRenderer):
    """One plain table of the page's rows."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> str:
        rows = data.get("results", [data]) if isinstance(data, Mapping) else data or []
        names = list(dict.fromkeys(key for row in rows for key in row))
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell(row.get(name)))}</td>" for name in names) + "</tr>"
            for row in rows
        )
        return f'<!doctype html><meta charset="utf-8"><table><thead><tr>{head}</tr></thead>{body}</table>'
