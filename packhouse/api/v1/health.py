"""Alive, ready, and a few numbers for monitoring. Outside the base and without a key."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View

from packhouse.packages.states import PackageStatus


class HealthView(View):
    """This process answers."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "ok"})


class ReadyView(View):
    """200 when the database answers and has every migration, else 503 with what is missing."""

    _migrated = False

    def get(self, _request: HttpRequest) -> HttpResponse:
        checks = {"database": self._database()}
        checks["migrations"] = checks["database"] and self._migrations()
        ready = all(checks.values())
        body = {"status": "ready" if ready else "not ready", "checks": checks}
        response = JsonResponse(body, status=200 if ready else 503)
        response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - whoever asks knows
        return response

    @staticmethod
    def _database() -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return False
        return True

    @classmethod
    def _migrations(cls) -> bool:
        """Looked up until they are all there; they do not go away again."""
        if not cls._migrated:
            executor = MigrationExecutor(connection)
            cls._migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls._migrated


@dataclass(frozen=True)
class Gauge:
    """One number, or one per label value. `sql` answers (label value, number) rows."""

    name: str
    text: str
    sql: str
    label: str | None = None


GAUGES = (
    Gauge(
        "packhouse_packages",
        "Open packages by state.",
        "SELECT state, count(*) FROM packages_package WHERE state = ANY(%(open)s) GROUP BY state ORDER BY state",
        label="state",
    ),
    Gauge(
        "packhouse_webhook_deliveries",
        "Webhook deliveries that are not through, by state.",
        "SELECT state, count(*) FROM webhooks_delivery WHERE state <> 'delivered' GROUP BY state ORDER BY state",
        label="state",
    ),
    Gauge(
        "packhouse_oldest_webhook_delivery_seconds",
        "How long the oldest webhook delivery that is due has waited.",
        "SELECT NULL, COALESCE(extract(epoch FROM now() - min(created_date)), 0)"
        " FROM webhooks_delivery WHERE state IN ('waiting', 'retrying')",
    ),
    Gauge(
        "packhouse_jobs",
        "Background jobs by status, those that are done left out.",
        "SELECT status::text, count(*) FROM procrastinate_jobs"
        " WHERE status IN ('todo', 'doing', 'failed') GROUP BY status ORDER BY status",
        label="status",
    ),
    Gauge(
        "packhouse_oldest_job_seconds",
        "How long the oldest job that is due has waited.",
        "SELECT NULL, COALESCE(extract(epoch FROM now() - min(COALESCE(j.scheduled_at, e.at))), 0)"
        " FROM procrastinate_jobs j LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
        " WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())",
    ),
    Gauge(
        "packhouse_status_reports_waiting",
        "Order item statuses that the back office has not been told yet.",
        "SELECT NULL, count(*) FROM orders_statusreport WHERE state = 'waiting'",
    ),
    Gauge(
        "packhouse_exceptions_open",
        "Entries of the exceptions list that need a person, by kind.",
        "SELECT kind, count(*) FROM kernel_exceptionentry WHERE resolved_date IS NULL GROUP BY kind ORDER BY kind",
        label="kind",
    ),
)
_OPEN = [state.value for state in PackageStatus if state.open]
_STATE_NAMES = {state.value: state.name.lower() for state in PackageStatus}


class MetricsView(View):
    """Gauges in the text format of Prometheus."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        lines = [line for gauge in GAUGES for line in self._lines(gauge)]
        return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")

    @staticmethod
    def _lines(gauge: Gauge) -> Iterator[str]:
        yield f"# HELP {gauge.name} {gauge.text}"
        yield f"# TYPE {gauge.name} gauge"
        with connection.cursor() as cursor:
            cursor.execute(gauge.sql, {"open": _OPEN})
            rows = cursor.fetchall()
        for value, number in rows:
            label = f'{{{gauge.label}="{_STATE_NAMES.get(value, value)}"}}' if gauge.label else ""
            yield f"{gauge.name}{label} {float(number):g}"
