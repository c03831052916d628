from django.apps import AppConfig


class OmnitronConfig(AppConfig):
    name = "packhouse.integrations.omnitron"
    label = "omnitron"
    default_auto_field = "django.db.models.BigAutoField"
