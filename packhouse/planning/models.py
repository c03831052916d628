"""Scenarios with their immutable versions, and what every planning run decided."""

from typing import ClassVar

from django.db import models

from packhouse.catalog.models import quantity_field
from packhouse.kernel import clock
from packhouse.kernel.models import Dated, User
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.models import Package, PackageItem


class ScenarioKind(models.TextChoices):
    DISTRIBUTION = "distribution"
    TRANSFER = "transfer"


class Scenario(Dated):
    """Who packs what (distribution) or where missing items come from (transfer). First match by priority wins."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        PASSIVE = "passive"

    kind = models.CharField(max_length=16, choices=ScenarioKind.choices, default=ScenarioKind.DISTRIBUTION)
    name = models.CharField(max_length=255, unique=True)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PASSIVE)
    priority = models.IntegerField(default=100)
    live_version = models.ForeignKey("ScenarioVersion", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("priority", "id")

    def __str__(self) -> str:
        return self.name


class ScenarioVersion(models.Model):
    """One immutable state of conditions, default location and rules; `body` as on page 30."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.JSONField()
    comment = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scenario", "number"], name="planning_scenarioversion_number")
        ]


class ExecutionPlan(Dated):
    """One planning run of one order: `pending` names its reason, `completed` holds what was decided."""

    class State(models.TextChoices):
        START = "start"
        PENDING = "pending"
        CANCELLED = "cancelled"
        COMPLETED = "completed"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.START)
    reason = models.CharField(max_length=48, null=True)
    scenario_version = models.ForeignKey(
        ScenarioVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    attempt = models.PositiveIntegerField(default=1)
    tries = models.PositiveIntegerField(default=0)
    context = models.JSONField(default=dict)
    explanation = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(state__in=["start", "pending"]),
                name="planning_executionplan_open",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "-id"]),
            models.Index(
                fields=["state", "reason"], condition=models.Q(state="pending"), name="planning_plan_pending"
            ),
        ]


class ExecutionPlanItem(models.Model):
    plan = models.ForeignKey(ExecutionPlan, on_delete=models.CASCADE, related_name="items")
    order_item = models.ForeignKey(OrderItem, on_delete=models.CASCADE, related_name="+")
    quantity = quantity_field()
    state = models.CharField(max_length=16)
    package_item = models.ForeignKey(PackageItem, on_delete=models.SET_NULL, null=True, related_name="+")
    stock_location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=64, null=True)


class PackagePlan(models.Model):
    """Which execution plan made a package."""

    package = models.OneToOneField(Package, on_delete=models.CASCADE, primary_key=True, related_name="+")
    plan = models.ForeignKey(ExecutionPlan, on_delete=models.CASCADE, related_name="packages")


class StockSeen(models.Model):
    """What a location had of an order item's SKU when the order was planned (`order-stock-info`).

    A view on the explanations: the numbers are kept once. Locations that had nothing are left out.
    """

    id = models.BigIntegerField(primary_key=True)
    plan = models.ForeignKey(ExecutionPlan, on_delete=models.DO_NOTHING, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.DO_NOTHING, related_name="+")
    order_item = models.ForeignKey(OrderItem, on_delete=models.DO_NOTHING, related_name="+")
    stock_location = models.ForeignKey(
        StockLocation, on_delete=models.DO_NOTHING, null=True, related_name="+"
    )
    erp_code = models.CharField(max_length=64)
    sku = models.CharField(max_length=128)
    unit_type = models.CharField(max_length=16)
    attempt = models.PositiveIntegerField()
    stock_count = quantity_field()
    reservation_count = quantity_field()
    created_date = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "planning_stockseen"


class Simulation(Dated):
    """A simulation asked for over HTTP: `body` is the request until it is finished, `report` what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        FINISHED = "finished"
        FAILED = "failed"

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    body = models.JSONField(null=True)
    report = models.JSONField(null=True)
    error = models.TextField(null=True)
