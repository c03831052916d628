from django.apps import AppConfig


class ShipmentsConfig(AppConfig):
    name = "packhouse.shipments"
    label = "shipments"
    default_auto_field = "django.db.models.BigAutoField"
