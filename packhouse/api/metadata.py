"""OPTIONS: what an address answers in, reads, and which fields its objects have (published shape)."""

from typing import Any

from django.utils.encoding import force_str
from rest_framework import serializers
from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request

from packhouse.api import permissions
from packhouse.api.auth import actor_of

METHODS = ("GET", "POST", "PUT")


class Metadata(SimpleMetadata):
    """`actions` holds the fields per method that the view has and the caller may use."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": view.get_view_name(),
            "renders": [renderer.media_type for renderer in view.get_renderers()],
            "parses": [parser.media_type for parser in view.get_parsers()],
        }
        if hasattr(view, "access"):
            body["actions"] = {
                method: self._fields(view)
                for method in METHODS
                if method in view.allowed_methods and self._may(request, view, method)
            }
        return body

    @staticmethod
    def _may(request: Request, view: Any, method: str) -> bool:
        return view.access is None or permissions.allowed(actor_of(request), method, view.access, view.scope)

    def _fields(self, view: Any) -> dict[str, Any]:
        make = getattr(view, "get_serializer", None)
        return self.get_serializer_info(make()) if make else {}

    def get_field_info(self, field: Any) -> dict[str, Any]:
        """Type, duties and choices of one field; a nested object shows its own under `children`."""
        info: dict[str, Any] = {
            "type": self.label_lookup[field],
            "required": bool(field.required),
            "read_only": bool(field.read_only),
            "label": force_str(field.label, strings_only=True),
        }
        if getattr(field, "child", None) is not None:
            info["child"] = self.get_field_info(field.child)
        elif getattr(field, "fields", None):
            info["children"] = self.get_serializer_info(field)
        related = (serializers.RelatedField, serializers.ManyRelatedField)
        if not isinstance(field, related) and hasattr(field, "choices"):
            info["choices"] = [
                {"value": value, "display_name": force_str(name, strings_only=True)}
                for value, name in field.choices.items()
            ]
        return info
