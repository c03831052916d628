"""What this edge builds its views on. Edges do not import each other, so the settings name the package
(`HTTP_PLUMBING`) whose classes give all views of the house the same keys, rights, rates, pages and errors."""

from importlib import import_module
from typing import Any

from django.conf import settings


def _from(module: str, name: str) -> Any:
    return getattr(import_module(f"{settings.HTTP_PLUMBING}.{module}"), name)


ApiView: Any = _from("views", "ApiView")
DocumentListView: Any = _from("lists", "DocumentListView")
DocumentDetailView: Any = _from("lists", "DocumentDetailView")
Family: Any = _from("errors", "Family")
JSONRenderer: Any = _from("json_text", "JSONRenderer")
StrictSerializer: Any = _from("serializers", "StrictSerializer")
TimeField: Any = _from("serializers", "TimeField")
StrictFilterSet: Any = _from("filters", "StrictFilterSet")
FlagFilter: Any = _from("filters", "FlagFilter")
NumberFilter: Any = _from("filters", "NumberFilter")
TextFilter: Any = _from("filters", "TextFilter")
TimeFilter: Any = _from("filters", "TimeFilter")
apply_filters: Any = _from("filters", "apply")
check_only: Any = _from("filters", "check_only")
no_content: Any = _from("views", "no_content")
route: Any = _from("routes", "route")
CursorExpired: Any = _from("refusals", "CursorExpired")
TooManyRows: Any = _from("refusals", "TooManyRows")
