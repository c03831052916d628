"""Every address of the product; each edge lists its own."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("packhouse.integrations.omnitron.urls")),
    path("", include("packhouse.api.v1.urls")),
    path("", include("packhouse.webhooks.urls")),
    path("", include("packhouse.integrations.invoicing.public_documents")),
]

handler400 = "packhouse.api.errors.bad_request"
handler404 = "packhouse.api.errors.not_found"
handler500 = "packhouse.api.errors.server_error"
