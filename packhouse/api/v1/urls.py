"""Every address of version 1. The base is `/api/v1/oms/`; a few published ones stand beside it."""

from django.urls import URLPattern, URLResolver, include, path

from packhouse.api.routes import route
from packhouse.api.v1 import (
    auth,
    catalog,
    commands,
    commands_catalogue,
    customers,
    dashboard,
    dashboard_summary,
    denial_reasons,
    exceptions,
    execution_plans,
    health,
    location_addresses,
    order_stock_info,
    orders,
    package_items,
    packages,
    places,
    scenarios,
    schema,
    settings,
    shipments,
    states,
    stock_availability,
    stock_locations,
    stocks,
    transfers,
    transition_logs,
    transitions,
)

# The first match wins and each miss costs: what is called most stands first.
base: list[URLPattern] = [
    *commands.routes,
    *packages.routes,
    *package_items.routes,
    *orders.routes,
    *execution_plans.routes,
    *order_stock_info.routes,
    *shipments.routes,
    *customers.routes,
    *stock_locations.routes,
    *location_addresses.routes,
    *stocks.routes,
    *stock_availability.routes,
    *scenarios.routes,
    *transfers.routes,
    *transition_logs.routes,
    *transitions.routes,
    *commands_catalogue.routes,
    *exceptions.routes,
    *dashboard.routes,
    *dashboard_summary.routes,
    *auth.aliases,
    *denial_reasons.routes,
    *catalog.routes,
    *places.routes,
    *states.routes,
    *settings.routes,
    *schema.routes,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/oms/", include(base)),
    path("api/v1/", include([*auth.routes, *package_items.outside])),
    route("healthz", health.HealthView),
    route("readyz", health.ReadyView),
    route("metrics", health.MetricsView),
]
