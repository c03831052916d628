"""Addresses of the connector. Each answers with and without its trailing slash; the schema shows one form."""

from collections.abc import Callable, Iterator

from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter
from rest_framework.views import APIView

from packhouse.integrations.omnitron import setup_views, views
from packhouse.integrations.omnitron.setup.runs import NAMES

BASE = "api/v1/oms/"


class StepConverter(StringConverter):
    """The name of a setup step."""

    regex = "|".join(NAMES)


register_converter(StepConverter, "setup_step")


def _inbound(address: str, view: Callable[..., HttpResponseBase]) -> Iterator[URLPattern]:
    yield path(f"{BASE}{address}", view)
    yield path(f"{BASE}{address}/", view)


def _shown(address: str, view: type[APIView], *aliases: str) -> Iterator[URLPattern]:
    """In the schema under its canonical form alone."""
    yield path(f"{BASE}{address}/", view.as_view())
    hidden = view.as_view(schema=None)
    yield path(f"{BASE}{address}", hidden)
    for alias in aliases:
        yield path(f"{BASE}{alias}/", hidden)
        yield path(f"{BASE}{alias}", hidden)


def _step(action: str, view: type[APIView]) -> Iterator[URLPattern]:
    """Below `setup/`, and without it, as published for stock locations."""
    yield from _shown(f"setup/<setup_step:step>/{action}", view, f"<setup_step:step>/{action}")


# `cancellation_plan` is a list as well: config.urls looks at the method.
urlpatterns: list[URLPattern] = [
    *_inbound("orders-webhook", views.orders_webhook),
    *_inbound("stocklocations-webhook", views.stock_locations_webhook),
    *_inbound("omnitron-webhook", views.any_webhook),
    *_shown("setup", setup_views.SetupSteps),
    *_shown("setup/test_connection", setup_views.TestConnection),
    *_shown("setup/webhooks/uninstall", setup_views.UninstallWebhooks),
    *_step("is_required", setup_views.SetupIsRequired),
    *_step("execute", setup_views.SetupExecute),
    *_step("get_async_status", setup_views.SetupStatus),
    *_shown("cancellation-reasons/pull_from_omnitron", setup_views.PullCancellationReasons),
    *_shown("orders/<int:order_id>/sync", setup_views.SyncOrder),
]
