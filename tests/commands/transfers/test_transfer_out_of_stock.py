"""TransferOutOfStockCommand (page 20)."""

import pytest

from packhouse.kernel.errors import (
    ForeignItem,
    InvalidParameter,
    WrongState,
)
from packhouse.packages.models import LocationExclusion, Package
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_transfer,
)
from tests.commands.running import an_actor, events_of, refuse, run
from tests.commands.transfers.travelling import a_transfer_scenario, a_waiting_package, sku_of, stock

pytestmark = pytest.mark.django_db
OUT_OF_STOCK = "TRANSFER_OUT_OF_STOCK"


def test_out_of_stock_keeps_only_the_missing_ones_from_the_same_centre() -> None:
    a_transfer_scenario()
    transfer = a_transfer(package=a_waiting_package(items=2))
    missing, other = transfer.items.order_by("id")

    run(transfer, OUT_OF_STOCK, transfer_items=[missing.pk])

    assert transfer.state == T.OUT_OF_STOCK
    again = TransferOrder.objects.exclude(pk=transfer.pk).get()
    assert again.source == transfer.source
    assert [item.product for item in again.items.all()] == [other.product]
    assert Package.objects.get(state=P.OUT_OF_STOCK).items.get() == missing.package_item
    assert list(LocationExclusion.objects.values_list("sku", flat=True)) == [missing.product.sku]
    assert TransferItem.objects.get(pk=other.pk).discrepancy_reason is None


def test_without_items_named_all_are_missing() -> None:
    package = a_waiting_package(items=2)
    transfer = a_transfer(package=package)
    skus = sorted(sku_of(transfer, position) for position in (0, 1))

    run(transfer, OUT_OF_STOCK)

    assert sorted(LocationExclusion.objects.values_list("sku", flat=True)) == skus
    assert [stock(transfer.source, sku) for sku in skus] == [(0, 0), (0, 0)]
    package.refresh_from_db()
    assert package.state == P.OUT_OF_STOCK
    assert events_of(transfer) == ["transfer.status.transitioned", "transfer.status.out_of_stock"]


def test_refusals_change_nothing() -> None:
    transfer, other = a_transfer(), a_transfer()
    foreign = other.items.order_by("id")[0].pk
    path = "input_parameters.transfer_items"

    refuse(transfer, OUT_OF_STOCK, ForeignItem, f"{path}.0", transfer_items=[foreign])
    refuse(transfer, OUT_OF_STOCK, InvalidParameter, path, transfer_items=foreign)
    refuse(transfer, OUT_OF_STOCK, InvalidParameter, f"{path}.0", transfer_items=["x"])
    for state in (T.READY_TO_SHIPMENT, T.IN_TRANSIT, T.TRANSFERRED, T.OUT_OF_STOCK, T.CANCELLED):
        refuse(a_transfer(state=state), OUT_OF_STOCK, WrongState, "transition", actor=an_actor())
