"""A source does not have what it was to send: other sources are found in the same transaction (page 20)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from packhouse.commands.transfers.of_package import free_if_complete
from packhouse.inventory.corrections import Missing, correct
from packhouse.inventory.services import Promise, lock_stock_of, reserve
from packhouse.inventory.travelling import release_transfer
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import Run
from packhouse.kernel.params import Params
from packhouse.orders.messages import ReschedulePackage
from packhouse.packages import in_hand, services
from packhouse.packages.models import DiscrepancyReason, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.planning import selectors
from packhouse.planning.result import PlannedTransfer
from packhouse.planning.stock_answers import Unknown, ask_for_transfer
from packhouse.planning.transfers import plan_transfers
from packhouse.transfers.models import TransferItem, TransferOrder


def ask_stock(transfer_id: int, params: Params, actor: Actor) -> Unknown:  # noqa: ARG001 - the form of `prepare`
    """Before the lock: what the brand's stock services have of its items."""
    return ask_for_transfer(transfer_id)


def find_other_sources(transfer: TransferOrder, missing: Sequence[TransferItem], run: Run) -> None:
    """All items of the transfer are planned again, the missing ones never from this source for this order.

    The source's stock of what is missing is corrected; new transfers bring what others have; what no source
    has leaves the package as OUT_OF_STOCK.
    """
    items = list(
        TransferItem.objects.filter(transfer_order_id=transfer.pk)
        .select_related("package_item__order_item__product", "product")
        .order_by("id")
    )
    lock_stock_of({item.product.sku for item in items})
    release_transfer(transfer.pk)
    _record_missing(transfer, missing)
    if transfer.package.state not in (
        PackageStatus.WAITING_FOR_TRANSFER,
        PackageStatus.CANCELLATION_WAITING,
    ):
        return
    lines = tuple(selectors.line(item.package_item.order_item, item.quantity) for item in items)
    unknown = run.prepared or frozenset()
    snapshot = selectors.read_snapshot(transfer.package.order_id, lines, unknown_stock=unknown)
    found = plan_transfers(snapshot, transfer.destination_id)
    package_items = {item.package_item.order_item_id: item.package_item for item in items}
    for planned in found.transfers:
        _make(transfer, planned, package_items, run)
    lacking = {package_items[placed.order_item_id].pk: placed.quantity for placed in found.not_placed}
    leave_as_out_of_stock(transfer.package_id, lacking, run)
    free_if_complete(transfer.package_id, run, but=transfer.pk)


def _record_missing(transfer: TransferOrder, missing: Sequence[TransferItem]) -> None:
    """As for a package: recorded, the count corrected, never from here again."""
    TransferItem.objects.filter(pk__in=[item.pk for item in missing]).update(
        discrepancy_reason=DiscrepancyReason.NOT_FOUND
    )
    correct(
        transfer.source_id,
        [
            Missing(item.package_item_id, item.product.sku, item.quantity, True, transfer_item_id=item.pk)
            for item in missing
        ],
    )
    skus = sorted({item.product.sku for item in missing})
    services.exclude_location(transfer.package.order_id, transfer.source_id, "transfer not found", skus)


def _make(
    transfer: TransferOrder,
    planned: PlannedTransfer,
    package_items: Mapping[int, PackageItem],
    run: Run,
) -> None:
    number = TransferOrder.objects.filter(package_id=transfer.package_id).count() + 1
    made = TransferOrder.objects.create(
        number=f"{transfer.package.number}T{number}",
        package_id=transfer.package_id,
        source_id=planned.source_id,
        destination_id=transfer.destination_id,
    )
    promises = []
    for order_item_id, quantity in planned.lines:
        item = package_items[order_item_id]
        product = item.order_item.product
        sent = TransferItem.objects.create(
            transfer_order=made,
            package_item=item,
            product=product,
            quantity=quantity,
            unit_type=product.unit_type,
        )
        promises.append(Promise(planned.source_id, product.sku, quantity, item.pk, sent.pk))
    reserve(promises)
    run.created("transfer", made.pk, made.state, event="transfer.status.created")


def leave_as_out_of_stock(package_id: int, lacking: Mapping[int, Decimal], run: Run) -> None:
    """These quantities, by package item id, are promised nowhere: they leave the package, to be planned again.

    When that is all of it, the package itself becomes OUT_OF_STOCK.
    """
    if not lacking:
        return
    package = in_hand.load(package_id)
    wanted: dict[int, Decimal] = defaultdict(Decimal, lacking)
    if all(wanted[item.id] >= item.quantity for item in package.items):
        run.move("package", package, PackageStatus.OUT_OF_STOCK)
        run.send(ReschedulePackage(package_id=package.id))
        return
    # No promise goes along: what is left of the items keeps all of theirs.
    part, _ = services.split_off(package, lacking)
    run.created("package", part.pk, part.state, event="package.created")
    run.event("package.updated", "package", package.id)
    run.move("package", in_hand.load(part.pk), PackageStatus.OUT_OF_STOCK)
    run.send(ReschedulePackage(package_id=part.pk))
