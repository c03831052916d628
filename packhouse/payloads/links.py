"""Absolute addresses of what is fetched apart: labels and documents."""

from django.conf import settings

BASE = "/api/v1/oms"


def package_label(package_id: int) -> str:
    return f"{settings.PUBLIC_URL}{BASE}/packages/{package_id}/label/"


def package_document(package_id: int) -> str:
    return f"{settings.PUBLIC_URL}{BASE}/packages/{package_id}/document/"


def shipment_label(shipment_id: int) -> str:
    return f"{settings.PUBLIC_URL}{BASE}/shipments/{shipment_id}/label/"
