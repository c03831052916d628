"""Addresses of webhooks: `whisperer/` at its two places with the same handlers, and the feed."""

from django.urls import URLPattern, URLResolver, include, path

from packhouse.webhooks import views
from packhouse.webhooks.feed_view import EventsView
from packhouse.webhooks.plumbing import route


def _whisperer(*, alias: bool) -> list[URLPattern]:
    return [
        route("hooks/", views.HooksView, alias=alias),
        route("hooks/registry/", views.RegistryView, alias=alias),
        route("hooks/<id:id>/", views.HookView, alias=alias),
        route("hooks/<id:id>/rotate_secret/", views.RotateSecretView, alias=alias),
        route("hooks/<id:id>/test/", views.SampleView, alias=alias),
        route("hook_events/", views.DeliveriesView, alias=alias),
        route("hook_events/replay/", views.ReplayView, alias=alias),
        route("hook_events/<id:id>/", views.DeliveryView, alias=alias),
        route("hook_events/<id:id>/retry/", views.RetryView, alias=alias),
        route("hook_events/<id:id>/skip/", views.SkipView, alias=alias),
        route("event_queues/", views.QueueView, alias=alias),
        route("event_queues/<id:id>/", views.QueuedView, alias=alias),
    ]


below_base: list[URLPattern | URLResolver] = [
    path("whisperer/", include(_whisperer(alias=False))),
    route("events/", EventsView),
]
"""Below `/api/v1/oms/`."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/oms/", include(below_base)),
    path("whisperer/", include(_whisperer(alias=True))),
]
