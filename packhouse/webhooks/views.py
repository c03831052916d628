"""`whisperer/`: hooks, their deliveries, what waits; page 60."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, CharField, ListSerializer

from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import NotFound, UnknownParameter
from packhouse.kernel.models import Role, Scope
from packhouse.webhooks import filters, hooks, letters, sample_message
from packhouse.webhooks.errors import EventMissing, WebhookMissing
from packhouse.webhooks.hooks import Bounds
from packhouse.webhooks.letters import Report
from packhouse.webhooks.models import OPEN, Delivery, DeliveryState, Hook
from packhouse.webhooks.plumbing import (
    ApiView,
    DocumentDetailView,
    DocumentListView,
    Family,
    JSONRenderer,
    TooManyRows,
    apply_filters,
    no_content,
)
from packhouse.webhooks.query import query_of
from packhouse.webhooks.registry import EVENT_TYPES
from packhouse.webhooks.serializers import (
    AttemptSerializer,
    DeliverySerializer,
    HookSerializer,
    QueuedSerializer,
    ReplayedSerializer,
    ReplaySerializer,
    RetrySerializer,
    hook_document,
)

MOST_ROWS: Final = 1000

HOOKS = Hook.objects.select_related("subscriber__target")
DELIVERIES = Delivery.objects.select_related("hook__subscriber__target", "event__payload", "content_type")
# A dead letter counts as tried, even where its target was never reached in its time.
TRIED = Q(retry_count__gt=0) | Q(state=DeliveryState.DEAD)


class _Whisperer:
    """Rights and errors of the family; an admin sees every row, anyone else those of his own hooks."""

    access = "AOI"
    scope = Scope.HOOKS
    error_family = Family.WHISPERER
    page_maximum = MOST_ROWS
    alias = False
    owner_path: ClassVar[str] = "owner_id"
    missing: ClassVar[type[NotFound]] = WebhookMissing
    rows: ClassVar[QuerySet[Any]]
    serializer_class: ClassVar[type[BaseSerializer[Any]]]
    request: Request

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        actor: Actor = self.request.user  # type: ignore[assignment]
        return rows if actor.role == Role.ADMIN else rows.filter(**{self.owner_path: actor.user_id})

    def check_visible(self, id: int) -> None:
        """Another's row is not there."""
        if not self.visible(self.rows.filter(pk=id)).exists():
            raise self.missing(_("There is no such row, or it belongs to another user."))


class _Hooks(_Whisperer):
    rows = HOOKS
    serializer_class: ClassVar[type[BaseSerializer[Any]]] = HookSerializer
    filterset_class = filters.HookFilters
    sorts = filters.HOOK_SORTS


class HooksView(_Hooks, DocumentListView):
    """The hooks; a POST subscribes, or switches an inactive one on again."""

    @extend_schema(responses={201: HookSerializer})
    def post(self, request: Request) -> Response:
        serializer = HookSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        actor: Actor = request.user  # type: ignore[assignment]
        hook = hooks.subscribe(actor, serializer.validated_data)
        return Response(hook_document(HOOKS.get(pk=hook.pk)), status=201)


class HookView(_Hooks, DocumentDetailView):
    """One hook. DELETE switches it off; the row stays."""

    def put(self, request: Request, id: int) -> Response:
        return self._changed(request, id, partial=False)

    def patch(self, request: Request, id: int) -> Response:
        return self._changed(request, id, partial=True)

    def delete(self, request: Request, id: int) -> Response:
        self.check_visible(id)
        hooks.unsubscribe(id)
        answer: Response = no_content()
        return answer

    def _changed(self, request: Request, id: int, *, partial: bool) -> Response:
        self.check_visible(id)
        serializer = HookSerializer(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        actor: Actor = request.user  # type: ignore[assignment]
        hooks.change(id, actor, serializer.validated_data)
        return Response(hook_document(HOOKS.get(pk=id)))


class RegistryView(_Whisperer, ApiView):
    """Every event type."""

    @extend_schema(responses={200: ListSerializer(child=CharField())})
    def get(self, request: Request) -> Response:
        return Response(list(EVENT_TYPES))


class RotateSecretView(_Hooks, ApiView):
    """A new secret, shown this once, and for that reason not remembered for an `Idempotency-Key`."""

    def post(self, request: Request, id: int) -> HttpResponse:
        self.check_visible(id)
        secret = hooks.rotate_secret(id)
        body = {**hook_document(HOOKS.get(pk=id)), "secret_key": secret}
        return HttpResponse(JSONRenderer().render(body), content_type="application/json")


class SampleView(_Hooks, ApiView):
    """One sample message now, marked by the header `X-OMS-Test: 1`."""

    serializer_class = AttemptSerializer
    own_transaction = True

    def post(self, request: Request, id: int) -> Response:
        self.check_visible(id)
        return _report(sample_message.send(HOOKS.get(pk=id)))


class _OfDeliveries(_Whisperer):
    owner_path = "hook__owner_id"
    missing = EventMissing

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of one's own; a narrowed key does not see what its user's other keys may have subscribed to."""
        bounds = Bounds.of(self.request.user)  # type: ignore[arg-type]
        if bounds.channel_ids is not None:
            rows = rows.filter(event__channel_id__in=bounds.channel_ids)
        if bounds.erp_codes is not None:
            rows = rows.filter(event__erp_codes__overlap=bounds.erp_codes)
        return super().visible(rows)


class _Deliveries(_OfDeliveries):
    rows = DELIVERIES.filter(TRIED)
    serializer_class: ClassVar[type[BaseSerializer[Any]]] = DeliverySerializer
    filterset_class = filters.DeliveryFilters
    sorts = filters.DELIVERY_SORTS


class DeliveriesView(_Deliveries, DocumentListView):
    """Deliveries tried at least once; the dead letters with `state=dead`."""


class DeliveryView(_Deliveries, DocumentDetailView):
    """One of them."""


class RetryView(_Deliveries, ApiView):
    """One attempt now: 200 when it is delivered, 406 when not."""

    serializer_class = AttemptSerializer
    own_transaction = True

    @extend_schema(request=RetrySerializer, responses={200: AttemptSerializer, 406: AttemptSerializer})
    def post(self, request: Request, id: int) -> Response:
        self.check_visible(id)
        serializer = RetrySerializer(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        claim = getattr(request, "claim", None)

        def keep(report: Report) -> None:
            if claim is not None:
                claim.keep(_status_of(report), report)

        return _report(letters.retry(id, force=serializer.validated_data["force"], keep=keep))


def _report(report: Report) -> Response:
    return Response(report, status=_status_of(report))


def _status_of(report: Report) -> int:
    return 200 if report["delivered"] else 406


class SkipView(_Deliveries, ApiView):
    """A dead letter now; what is held behind it goes on."""

    def post(self, request: Request, id: int) -> Response:
        self.check_visible(id)
        letters.skip(id)
        return Response(DeliverySerializer(DELIVERIES.get(pk=id)).data)


class ReplayView(_Deliveries, ApiView):
    """A selection once more, by `ids` or by the filters of the list; 202 with the number."""

    serializer_class = ReplaySerializer

    @extend_schema(responses={202: ReplayedSerializer})
    def post(self, request: Request) -> Response:
        serializer = ReplaySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        chosen = serializer.validated_data
        ids = list(self._selected(chosen).values_list("pk", flat=True)[: letters.MOST_REPLAYED + 1])
        if len(ids) > letters.MOST_REPLAYED:
            text = _("This selects more than %(most)s deliveries; narrow it.")
            raise TooManyRows(text % {"most": letters.MOST_REPLAYED})
        return Response({"replayed": letters.replay(ids, delivered=chosen["delivered"])}, status=202)

    def _selected(self, chosen: dict[str, Any]) -> QuerySet[Any]:
        rows = self.visible(self.rows.all())
        given = {name: value for name, value in self._body().items() if name not in _REPLAY_KEYS}
        wanted = {**given, **chosen.get("filter", {})}
        if "ids" in chosen:
            if wanted:
                raise UnknownParameter({name: [_("Send either ids or filters.")] for name in wanted})
            return rows.filter(pk__in=chosen["ids"])
        if not wanted:
            raise UnknownParameter({"ids": [_("Send ids, or filters of the list.")]})
        selected: QuerySet[Any] = apply_filters(filters.DeliveryFilters, query_of(wanted), rows, self.request)
        return selected

    def _body(self) -> dict[str, Any]:
        return dict(self.request.data)


_REPLAY_KEYS: Final[Sequence[str]] = ("ids", "filter", "delivered")


class _Queue(_OfDeliveries):
    rows = DELIVERIES.filter(state__in=OPEN, retry_count=0)
    serializer_class = QueuedSerializer
    filterset_class = filters.QueueFilters
    sorts = filters.QUEUE_SORTS


class QueueView(_Queue, DocumentListView):
    """Deliveries not yet tried."""


class QueuedView(_Queue, DocumentDetailView):
    """One of them."""
