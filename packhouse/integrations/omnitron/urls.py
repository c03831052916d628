"""Addresses of the connector, all answering with and without their trailing slash."""

from django.urls import URLPattern, re_path

from packhouse.integrations.omnitron import views
from packhouse.integrations.omnitron.setup.runs import NAMES

BASE = "^api/v1/oms/"
_STEP = f"(?P<step>{'|'.join(NAMES)})"

urlpatterns: list[URLPattern] = [
    re_path(f"{BASE}orders-webhook/?$", views.orders_webhook),
    re_path(f"{BASE}cancellation_plan/?$", views.cancellation_plan),
    re_path(f"{BASE}stocklocations-webhook/?$", views.stock_locations_webhook),
    re_path(f"{BASE}omnitron-webhook/?$", views.any_webhook),
    re_path(f"{BASE}setup/?$", views.SetupList.as_view()),
    re_path(f"{BASE}(?:setup/)?{_STEP}/is_required/?$", views.SetupIsRequired.as_view()),
    re_path(f"{BASE}(?:setup/)?{_STEP}/execute/?$", views.SetupExecute.as_view()),
    re_path(f"{BASE}(?:setup/)?{_STEP}/get_async_status/?$", views.SetupStatus.as_view()),
]
