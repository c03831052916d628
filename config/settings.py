"""Django settings. What differs between installations comes from the environment; docs/deploy.md lists it.

Business settings are rows (`packhouse/kernel/settings_store.py`), not lines here.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


def database_from_url(url: str) -> dict[str, object]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket/dir` URL."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": int(os.environ.get("PACKHOUSE_CONN_MAX_AGE", "600")),
        "CONN_HEALTH_CHECKS": True,
        # A statement with the same text is planned once per connection, from its fifth run on.
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 5,
            "application_name": "packhouse",
            **query,
        },
    }


SECRET_KEY = os.environ.get("PACKHOUSE_SECRET_KEY", "")
# Encrypts secrets at rest. Several keys, comma between: the first encrypts, all decrypt.
PACKHOUSE_ENCRYPTION_KEY = os.environ.get("PACKHOUSE_ENCRYPTION_KEY") or SECRET_KEY
DEBUG = os.environ.get("PACKHOUSE_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("PACKHOUSE_ALLOWED_HOSTS", "*").split(",")
# Where this installation is reached from outside; addresses in documents begin with it.
PUBLIC_URL = os.environ.get("PACKHOUSE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
# Requests that one web process answers at once; `packhouse web` says so to its processes.
WEB_THREADS = int(os.environ.get("PACKHOUSE_WEB_THREADS", "8"))
# The mail server for hand-over codes, where no service of the brand sends them; empty: none.
EMAIL_HOST = os.environ.get("PACKHOUSE_EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("PACKHOUSE_EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("PACKHOUSE_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PACKHOUSE_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("PACKHOUSE_EMAIL_TLS", "1") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("PACKHOUSE_EMAIL_FROM", EMAIL_HOST_USER or "packhouse@localhost")
# True: outside systems are told that nothing is meant in earnest.
TEST_INSTALLATION = os.environ.get("PACKHOUSE_TEST_INSTALLATION") == "1"
DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", "postgresql:///packhouse"))}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "packhouse.kernel",
    "packhouse.catalog",
    "packhouse.locations",
    "packhouse.orders",
    "packhouse.packages",
    "packhouse.transfers",
    "packhouse.inventory",
    "packhouse.shipments",
    "packhouse.invoicing",
    "packhouse.planning",
    "packhouse.commands",
    "packhouse.webhooks",
    "packhouse.integrations",
    "packhouse.integrations.omnitron",
    "config",
]
# Few, because commands pass them all; sessions and their like belong to the console's pages.
MIDDLEWARE = [
    "packhouse.api.middleware.RequestMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "kernel.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("tr", "Türkçe")]
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "packhouse" / "locale"]
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("PACKHOUSE_STATIC_ROOT")
# Static files are found where the packages keep them; `collectstatic` is not needed.
WHITENOISE_USE_FINDERS = True

# Views set tighter limits of their own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
PACKHOUSE_BEHIND_PROXY = os.environ.get("PACKHOUSE_BEHIND_PROXY") == "1"
if PACKHOUSE_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["packhouse.api.auth.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],  # packhouse.api.views.ApiView checks rights
    "DEFAULT_RENDERER_CLASSES": ["packhouse.api.json_text.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "packhouse.api.json_text.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "packhouse.api.negotiation.Negotiation",
    "DEFAULT_METADATA_CLASS": "packhouse.api.metadata.Metadata",
    "DEFAULT_SCHEMA_CLASS": "packhouse.api.schema.HouseSchema",
    "EXCEPTION_HANDLER": "packhouse.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
# Where an edge that must not import the API finds the classes that views are built on.
HTTP_PLUMBING = "packhouse.api"
SPECTACULAR_SETTINGS = {
    "TITLE": "Packhouse",
    "DESCRIPTION": "Order management: from the order that comes in to the parcel that is delivered.",
    "VERSION": "1",
    "OAS_VERSION": "3.0.3",
    "SCHEMA_PATH_PREFIX": "/api/v1/(oms/)?",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "packhouse.kernel.log.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PACKHOUSE_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # its own handlers would say everything twice
        "django.request": {"level": "ERROR"},  # every request has its line already
        "procrastinate.blueprints": {"level": "WARNING"},
        "procrastinate.periodic": {"level": "WARNING"},
        # A line for the beginning and the end of every job: only for who asks for it.
        "procrastinate.worker": {"level": os.environ.get("PACKHOUSE_LOG_LEVEL", "WARNING").upper()},
    },
}
