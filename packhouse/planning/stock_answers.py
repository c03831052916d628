"""The stock services of a brand, asked before anything is locked (page 30, "Applying a plan")."""

from collections.abc import Collection

from packhouse.inventory.answers import ask_engines, others_serve
from packhouse.orders.models import OrderItem
from packhouse.packages.models import PackageItem
from packhouse.transfers.models import TransferItem

Unknown = frozenset[int]
"""Locations whose stock service is silent."""


def ask_for_orders(order_ids: Collection[int]) -> Unknown:
    """Ask for everything that these orders hold."""
    if not others_serve():
        return frozenset()
    items = OrderItem.objects.filter(order_id__in=order_ids)
    return ask_engines(set(items.values_list("product__sku", flat=True)))


def ask_for_package(package_id: int) -> Unknown:
    """Ask for what a package holds."""
    if not others_serve():
        return frozenset()
    items = PackageItem.objects.filter(package_id=package_id)
    return ask_engines(set(items.values_list("order_item__product__sku", flat=True)))


def ask_for_transfer(transfer_id: int) -> Unknown:
    """Ask for what a transfer brings."""
    if not others_serve():
        return frozenset()
    items = TransferItem.objects.filter(transfer_order_id=transfer_id)
    return ask_engines(set(items.values_list("product__sku", flat=True)))
