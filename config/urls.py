"""Every address of the product; each edge lists its own."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt

from packhouse.api.v1.cancellations import CancellationPlanListView
from packhouse.integrations.omnitron import views as omnitron

_plans = CancellationPlanListView.as_view()


@csrf_exempt
def cancellation_plan(request: HttpRequest) -> HttpResponseBase:
    """One published address with two meanings: the back office posts webhooks to it, everybody else reads plans."""
    return omnitron.cancellation_plan(request) if request.method == "POST" else _plans(request)


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/oms/cancellation_plan", cancellation_plan),
    path("api/v1/oms/cancellation_plan/", cancellation_plan),
    path("", include("packhouse.integrations.omnitron.urls")),
    path("", include("packhouse.integrations.carriers.pushed")),
    path("", include("packhouse.api.v1.urls")),
    path("", include("packhouse.webhooks.urls")),
    path("", include("packhouse.integrations.invoicing.public_documents")),
]

handler400 = "packhouse.api.errors.bad_request"
handler404 = "packhouse.api.errors.not_found"
handler500 = "packhouse.api.errors.server_error"
