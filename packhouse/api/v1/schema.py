"""The OpenAPI document and its pages; nothing is loaded from elsewhere."""

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.utils.html import format_html
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from packhouse.api import permissions
from packhouse.api.auth import actor_of
from packhouse.api.routes import route
from packhouse.api.v1.command_schemas import add_commands
from packhouse.api.views import ApiView
from packhouse.kernel import settings_store


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """OpenAPI 3.0.3 of everything below `/api/v1/`. The same for all callers, made once."""
    made: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    add_commands(made)
    return made


class _OpenView(ApiView):
    """Open without a key unless the setting `API.public_schema` says no."""

    access = None

    def check(self, request: Request) -> None:
        if not settings_store.get("API")["public_schema"]:
            permissions.check(actor_of(request), "GET", permissions.ANY_KEY, None)


class SchemaView(_OpenView):
    """YAML; JSON with `?format=json`."""

    renderer_classes = (
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
    )

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseBase:
        self.check(request)
        renderer = request.accepted_renderer
        content = renderer.render(document(), renderer_context={})
        return HttpResponse(content, content_type=str(renderer.media_type))


_ASSETS = "drf_spectacular_sidecar/swagger-ui-dist"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Packhouse API</title>
<link rel="icon" href="{}">
<link rel="stylesheet" href="{}">
<div id="docs"></div>
<script src="{}"></script>
<script>
  const schema = new URL("../schema/?format=json", location.href.replace(/\\/?$/, "/")).href;
  SwaggerUIBundle({{url: schema, dom_id: "#docs", deepLinking: true, persistAuthorization: true}});
</script>
</html>
"""


class DocsView(_OpenView):
    """The document as pages to read and try."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseBase:
        self.check(request)
        files = ("favicon-32x32.png", "swagger-ui.css", "swagger-ui-bundle.js")
        return HttpResponse(format_html(_PAGE, *(static(f"{_ASSETS}/{file}") for file in files)))


routes = [route("schema/", SchemaView), route("docs/", DocsView)]
