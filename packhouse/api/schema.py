"""How views of this house describe themselves in OpenAPI (drf-spectacular)."""

from collections.abc import Mapping
from typing import Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type
from drf_spectacular.utils import OpenApiParameter

from packhouse.api.errors import Family
from packhouse.api.filters import FlagFilter, NumberFilter
from packhouse.api.lists import DocumentListView, SimpleListView
from packhouse.api.views import ApiView


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "packhouse.api.auth.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>` or `Bearer <key>`; a key comes from `auth/login/`.",
        }


class _Envelope:
    """What drf-spectacular wants to know of a pagination."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {"count": {"type": "integer"}, "next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        texts = {
            "page": "from 1",
            "limit": f"rows of a page, {view.page_size} by default, {view.page_maximum} at most",
            "page_size": "as limit, which counts when both are sent",
        }
        return [_parameter(name, {"type": "integer", "minimum": 1}, text) for name, text in texts.items()]


class HouseSchema(AutoSchema):
    """Lists with their pages, filters, sorts and formats; everything else as drf-spectacular has it."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(self.view, DocumentListView) and self.method == "GET"

    def _get_paginator(self) -> Any:
        return None if isinstance(self.view, SimpleListView) else _Envelope()

    def get_operation_id(self) -> str:
        name = super().get_operation_id()
        return f"{name}_alias" if getattr(self.view, "alias", False) else name

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            family = getattr(self.view, "error_family", Family.DEFAULT)
            content = {"application/json": {"schema": {"type": "object", "example": _ERRORS[family]}}}
            operation["responses"]["4XX"] = {
                "description": "Refused; nothing has changed.",
                "content": content,
            }
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        if isinstance(self.view, ApiView) and self.view.access is None:
            return []
        return [{"key": []}]

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        if not self._is_list_view():
            return []
        view = cast(DocumentListView, self.view)
        names = sorted({*view._standard_sorts(), *view.sorts})  # noqa: SLF001
        parameters = [
            _of_filter(name, filter_) for name, filter_ in view.filterset_class.base_filters.items()
        ]
        sort = (
            f"one or several of {', '.join(names)}; - before it: descending; {view.default_sort} by default"
        )
        return [*parameters, _parameter("sort", {"type": "string"}, sort)]

    def get_override_parameters(self) -> list[Any]:
        formats = [str(renderer.format) for renderer in self.view.get_renderers()]
        if self.method != "GET" or len(formats) < 2:
            return []
        return [OpenApiParameter("format", enum=formats, description="beats the Accept header")]


_USUAL_ERROR = {"title": ["This field is required."], "code": "missing_parameter"}
_ERRORS: Mapping[Family, dict[str, Any]] = {
    Family.DEFAULT: _USUAL_ERROR,
    Family.COMMAND: {"error": {"transition": ["text"]}, "status_code": 400, "code": "wrong_state"},
    Family.STOCK: {
        "error": "Bad Request",
        "message": "text",
        "code": 400,
        "timestamp": "2026-03-02T09:00:00Z",
    },
    Family.SETTINGS: {"json_value": {"minutes": ["text"]}},
    Family.WHISPERER: {"code": "webhook_100_2", "en": "Webhook already registered"},
}


def _of_filter(name: str, filter_: Any) -> dict[str, Any]:
    kind = {NumberFilter: "integer", FlagFilter: "boolean"}.get(type(filter_), "string")
    text = filter_.extra.get("help_text") or ("values with commas between" if name.endswith("__in") else "")
    return _parameter(name, {"type": kind}, text)


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return build_parameter_type(name=name, schema=schema, location="query", description=description or None)
