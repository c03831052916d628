"""Application settings."""

import json
from typing import Any

import pytest
from django.db import connection, transaction

from packhouse.kernel import settings_store, version
from packhouse.kernel.errors import InvalidParameter, NotConfigured, NotUnique
from packhouse.kernel.models import Setting
from packhouse.kernel.secrets import MASK
from packhouse.kernel.setting_types import OrderCode, PackageStateName
from packhouse.kernel.settings_keys import KEYS
from packhouse.orders.states import OrderStatus
from packhouse.packages.states import PackageStatus

pytestmark = pytest.mark.django_db

CLIENT = {
    "auth": {"username": "oms", "password": "secret"},
    "urls": {"oms_url": "https://oms.example.com", "base_url": "https://omnitron.example.com/api/v1/"},
    "timeouts": {"read": 6000, "connect": 5},
    "endpoint_conf": [
        {"endpoint": "orders", "base_url": "https://seller.example.com/oms", "auth": {"token": "t"}}
    ],
}


@pytest.mark.parametrize("name", list(KEYS))
def test_every_setting_has_a_valid_default_a_schema_and_both_texts(name: str) -> None:
    key = KEYS[name]

    assert settings_store.get(name) == key.read(key.default)
    assert json.dumps(key.json_schema)
    assert key.en.endswith(".")
    assert key.tr.endswith(".")


def test_what_is_put_is_read_completed_with_inner_defaults() -> None:
    settings_store.put("CARRIER_POLLING", {"minutes": 5})

    assert settings_store.get("CARRIER_POLLING") == {"minutes": 5, "stop_after_days": 60}


def test_reset_goes_back_to_the_default() -> None:
    settings_store.put("MARK_STALE_WAITING_PACKAGES_DAY", 3)
    settings_store.reset("MARK_STALE_WAITING_PACKAGES_DAY")

    settings_store.forget()
    assert settings_store.get("MARK_STALE_WAITING_PACKAGES_DAY") == 15
    assert not Setting.objects.exists()


def test_an_unknown_key_is_refused() -> None:
    for call in (settings_store.get, settings_store.reset, settings_store.masked):
        with pytest.raises(InvalidParameter) as refused:
            call("NO_SUCH_KEY")
        assert list(refused.value.errors) == ["key"]


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("MARK_STALE_WAITING_PACKAGES_DAY", 0, "json_value"),
        ("MARK_STALE_WAITING_PACKAGES_DAY", "15", "json_value"),
        ("IS_OTP_ENABLED", "yes", "json_value"),
        ("CARRIER_POLLING", {"minutes": -1}, "json_value.minutes"),
        ("CARRIER_POLLING", {"seconds": 1}, "json_value.seconds"),
        ("OMNITRON_MARK_SENT", "sometimes", "json_value"),
        ("ORDER_STATUS_MAPPING", {"lost": "100"}, "json_value.lost"),
        ("ORDER_STATUS_MAPPING", {"packed": "451"}, "json_value.packed"),
        ("LOCALE", {"time_zone": "Mars/Base"}, "json_value.time_zone"),
        ("LOCALE", {"time_zone": "../../etc/passwd"}, "json_value.time_zone"),
        ("INVOICE_NUMBER_PATTERN", "{prefix}{year}", "json_value"),
        ("INVOICE_NUMBER_PATTERN", "{seq.__class__}", "json_value"),
        ("INVOICE_NUMBER_PATTERN", "{seq:d", "json_value"),
        ("GS1_COMPANY_PREFIX", "12a4", "json_value"),
        ("STOCK_INTEGRATION", [{"engine": 1, "name": "x", "python": "p"}], "json_value.0.engine"),
        ("STOCK_INTEGRATION", [{"engine": 2, "name": "x"}], "json_value.0"),
        ("WHISPERER_REQUEST_TIMEOUT", 0, "json_value"),
        ("OMNITRON_CLIENT_SETTINGS", {**CLIENT, "auth": {"username": "oms"}}, "json_value.auth"),
        (
            "OMNITRON_CLIENT_SETTINGS",
            {**CLIENT, "endpoint_conf": [{"endpoint": "planets"}]},
            "json_value.endpoint_conf.0.endpoint",
        ),
        (
            "OMNITRON_CLIENT_SETTINGS",
            {**CLIENT, "urls": {**CLIENT["urls"], "base_url": "ftp://x"}},  # type: ignore[dict-item]
            "json_value.urls.base_url",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_path(key: str, value: Any, path: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        settings_store.put(key, value)

    assert path in refused.value.errors
    assert not Setting.objects.exists()


def test_an_unknown_endpoint_is_refused_with_the_list_of_names() -> None:
    with pytest.raises(InvalidParameter) as refused:
        settings_store.put("OMNITRON_CLIENT_SETTINGS", {**CLIENT, "endpoint_conf": [{"endpoint": "planets"}]})

    assert "order_item_bulk_update" in refused.value.text


def test_addresses_and_timeouts_of_the_connector_are_normal() -> None:
    settings_store.put("OMNITRON_CLIENT_SETTINGS", CLIENT)

    value = settings_store.get("OMNITRON_CLIENT_SETTINGS")

    assert value["urls"] == {
        "oms_url": "https://oms.example.com/api/v1",
        "base_url": "https://omnitron.example.com/api/v1",
    }
    assert value["timeouts"] == {"read": 6, "connect": 5}
    assert value["endpoint_conf"][0]["base_url"] == "https://seller.example.com/oms"


def test_secrets_are_encrypted_at_rest_and_masked_when_shown() -> None:
    settings_store.put("OMNITRON_CLIENT_SETTINGS", CLIENT)

    stored = json.dumps(Setting.objects.get().json_value)
    shown = settings_store.masked("OMNITRON_CLIENT_SETTINGS")
    assert '"secret"' not in stored
    assert '"t"' not in stored
    assert shown["auth"] == {"username": "oms", "password": MASK}
    assert shown["endpoint_conf"][0]["auth"] == {"token": MASK}
    assert settings_store.get("OMNITRON_CLIENT_SETTINGS")["auth"]["password"] == "secret"


def test_the_mask_sent_back_keeps_what_is_stored() -> None:
    settings_store.put("OMNITRON_CLIENT_SETTINGS", CLIENT)

    changed = settings_store.masked("OMNITRON_CLIENT_SETTINGS")
    changed["auth"]["username"] = "oms-2"
    settings_store.put("OMNITRON_CLIENT_SETTINGS", changed)

    settings_store.forget()
    value = settings_store.get("OMNITRON_CLIENT_SETTINGS")
    assert value["auth"]["username"] == "oms-2"
    assert value["auth"]["password"] == "secret"
    assert value["endpoint_conf"][0]["auth"]["token"] == "t"


def test_a_secret_that_is_the_whole_value() -> None:
    settings_store.put("OMS_INVOICE_SIGNING_SECRET", "topsecret")

    assert settings_store.masked("OMS_INVOICE_SIGNING_SECRET") == MASK
    assert settings_store.get("OMS_INVOICE_SIGNING_SECRET") == "topsecret"
    assert "topsecret" not in json.dumps(Setting.objects.get().json_value)


def test_null_is_a_value_of_its_own() -> None:
    settings_store.put("GS1_COMPANY_PREFIX", "8690000")
    settings_store.put("GS1_COMPANY_PREFIX", None)

    settings_store.forget()
    assert settings_store.get("GS1_COMPANY_PREFIX") is None
    assert Setting.objects.count() == 1


def test_create_is_for_settings_that_have_no_row() -> None:
    settings_store.create("IS_OTP_ENABLED", True)

    with pytest.raises(NotUnique) as refused:
        settings_store.create("IS_OTP_ENABLED", False)
    assert list(refused.value.errors) == ["key"]
    settings_store.forget()
    assert settings_store.get("IS_OTP_ENABLED") is True


def test_a_stored_value_that_is_no_longer_valid_is_said_and_not_guessed() -> None:
    Setting.objects.create(key="CARRIER_POLLING", json_value={"minutes": "often"})

    with pytest.raises(NotConfigured):
        settings_store.get("CARRIER_POLLING")


def test_reading_costs_one_statement_a_second(django_assert_num_queries: Any) -> None:
    settings_store.get("API")

    with django_assert_num_queries(0):
        for _ in range(100):
            settings_store.get("API")
            settings_store.get("LOCALE")
    version.forget()
    with django_assert_num_queries(1):
        settings_store.get("API")


def test_another_processes_change_is_seen_when_the_version_is_read_again() -> None:
    assert settings_store.get("IS_OTP_ENABLED") is False
    Setting.objects.create(key="IS_OTP_ENABLED", json_value=True)
    with connection.cursor() as cursor:  # as another process does it
        cursor.execute("UPDATE kernel_machineversion SET version = version + 1")

    assert settings_store.get("IS_OTP_ENABLED") is False
    version.forget()
    assert settings_store.get("IS_OTP_ENABLED") is True


@pytest.mark.django_db(transaction=True)
def test_the_own_change_is_seen_at_once_after_the_commit() -> None:
    assert settings_store.get("IS_OTP_ENABLED") is False

    settings_store.put("IS_OTP_ENABLED", True)

    assert settings_store.get("IS_OTP_ENABLED") is True


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_never_was() -> None:
    before = version.read_now()

    with transaction.atomic():
        settings_store.put("IS_OTP_ENABLED", True)
        undone = version.read_now()
        transaction.set_rollback(True)

    assert version.read_now() == before
    assert settings_store.get("IS_OTP_ENABLED") is False
    settings_store.put("IS_TRADEIN_ENABLED", True)
    assert version.read_now() > undone


def test_names_of_states_are_those_of_the_machine() -> None:
    assert set(PackageStateName.__args__) == {state.name.lower() for state in PackageStatus}  # type: ignore[attr-defined]
    assert set(OrderCode.__args__) == set(OrderStatus.values())  # type: ignore[attr-defined]
