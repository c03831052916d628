"""SelfServicePackageDeliveryCommand (page 20; page 80, 4)."""

from pydantic import Field

from packhouse.kernel import clock, settings_store
from packhouse.kernel.accounts import Actor
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import MissingParameter, PermissionDenied
from packhouse.kernel.models import Role
from packhouse.kernel.params import Params
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import OrderItem
from packhouse.packages import otp as codes
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments.models import Shipment

_WITHOUT_CODE = (Role.ADMIN, Role.OPERATOR, "system")


class HandOverParams(Params):
    """What the customer shows."""

    otp: str | None = Field(default=None, min_length=1, max_length=10)
    """The customer's code, where one is asked for."""

    reason: str | None = Field(default=None, min_length=1, max_length=1000)
    """Instead of the code, by an admin or operator; kept in the log."""


def needs_code(package_id: int) -> bool:
    """`IS_OTP_ENABLED`, and the package is delivered from a store."""
    if not settings_store.get("IS_OTP_ENABLED"):
        return False
    return Package.objects.filter(pk=package_id, order__delivery_type="in_store").exists()


def check_code(package_id: int, params: HandOverParams, actor: Actor) -> int | None:  # noqa: ARG001
    """Before the lock, as a wrong code counts although the command is refused; the id of the right one."""
    if params.otp is None or not needs_code(package_id):
        return None
    return codes.check_code(package_id, params.otp)


@command(
    name="SelfServicePackageDeliveryCommand",
    on="package",
    title={"en": "Hand over", "tr": "Müşteriye teslim et"},
    moves=[(State.READY_FOR_PICKUP, State.DELIVERED)],
    params=HandOverParams,
    prepare=check_code,
    sends=[SyncOrderStatus],
)
def self_service_package_delivery(package: PackageInHand, params: HandOverParams, run: Run) -> None:
    """Order items become delivered (550); Omnitron learns it. Where `IS_OTP_ENABLED` asks for the customer's code,
    a wrong one is 400 `wrong_otp`, after the fifth `otp_locked`; an admin or operator may give a `reason` instead."""
    if run.prepared is not None:
        codes.use_code(run.prepared)
    elif needs_code(package.id):
        _without_code(params, run)
    if params.reason is not None:
        run.attributes["delivery.reason"] = params.reason
    delivered = clock.now()
    items = [item.order_item_id for item in package.items]
    OrderItem.objects.filter(pk__in=items).update(delivered_date=delivered)
    Shipment.objects.filter(package_id=package.id, is_current=True).update(
        delivered_date=delivered, next_poll_date=None
    )
    run.report_fields["delivered_date"] = delivered.isoformat()


def _without_code(params: HandOverParams, run: Run) -> None:
    if params.reason is None:
        raise MissingParameter({"input_parameters.otp": ["This package is handed over against a code."]})
    if run.actor.role not in _WITHOUT_CODE:
        raise PermissionDenied(
            {"input_parameters.reason": ["Only an admin or operator hands over without the customer's code."]}
        )
