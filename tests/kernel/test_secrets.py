"""Secrets inside JSON values."""

from typing import Any

import pytest
from django.test import override_settings

from packhouse.kernel.errors import InvalidParameter, NotConfigured
from packhouse.kernel.secrets import MASK, by_name, by_path, decrypt, encrypt, mask, merge, seal, unseal

NAMED = by_name()
VALUE: dict[str, Any] = {
    "auth": {"username": "oms", "password": "s3cret"},
    "endpoint_conf": [
        {"endpoint": "orders", "auth": {"token": "t-orders"}},
        {"endpoint": "cities", "auth": {"token": "t-cities"}},
    ],
    "timeouts": {"read": 5},
}


def test_encrypts_and_decrypts() -> None:
    assert encrypt("topsecret") != "topsecret"
    assert decrypt(encrypt("tôpsecret")) == "tôpsecret"


def test_an_old_key_still_opens_and_the_new_one_encrypts() -> None:
    with override_settings(PACKHOUSE_ENCRYPTION_KEY="old"):
        kept = encrypt("topsecret")

    with override_settings(PACKHOUSE_ENCRYPTION_KEY="new,old"):
        assert decrypt(kept) == "topsecret"
        again = encrypt("topsecret")

    with override_settings(PACKHOUSE_ENCRYPTION_KEY="new"):
        assert decrypt(again) == "topsecret"
        with pytest.raises(NotConfigured):
            decrypt(kept)


def test_without_a_key_nothing_is_encrypted() -> None:
    with override_settings(PACKHOUSE_ENCRYPTION_KEY=""), pytest.raises(NotConfigured):
        encrypt("topsecret")


def test_masks_by_name_at_any_depth_and_leaves_the_rest() -> None:
    shown = mask(VALUE, NAMED)

    assert shown["auth"] == {"username": "oms", "password": MASK}
    assert [row["auth"]["token"] for row in shown["endpoint_conf"]] == [MASK, MASK]
    assert shown["timeouts"] == {"read": 5}
    assert VALUE["auth"]["password"] == "s3cret"


def test_masks_by_path_only_what_the_path_names() -> None:
    shown = mask({"a": {"password": "x"}, "password": "y"}, by_path("a.password"))

    assert shown == {"a": {"password": MASK}, "password": "y"}


def test_the_whole_value_may_be_the_secret() -> None:
    assert mask("topsecret", by_path("")) == MASK
    assert mask({"a": 1}, by_path()) == {"a": 1}


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_hides_nothing(nothing: str | None) -> None:
    assert mask({"password": nothing}, NAMED) == {"password": nothing}


@pytest.mark.parametrize("secret", ["text", 1234, {"deep": ["x"]}, "sealed:1:looks-like-ours"])
def test_seals_any_kind_of_secret_and_opens_it_again(secret: object) -> None:
    sealed = seal({"password": secret, "plain": secret}, NAMED)

    assert str(secret) not in str(sealed["password"])
    assert sealed["plain"] == secret
    assert unseal(sealed, NAMED) == {"password": secret, "plain": secret}


def test_a_secret_in_the_clear_is_taken_as_it_is() -> None:
    assert unseal({"password": "old"}, NAMED) == {"password": "old"}


def test_a_mask_that_comes_back_keeps_what_is_stored() -> None:
    given = mask(VALUE, NAMED) | {"timeouts": {"read": 9}}

    assert merge(given, VALUE, NAMED) == VALUE | {"timeouts": {"read": 9}}


def test_items_of_a_list_keep_their_own_secret_in_another_order() -> None:
    given = mask(VALUE, NAMED)
    given["endpoint_conf"].reverse()

    merged = merge(given, VALUE, NAMED)

    assert merged["endpoint_conf"][0] == {"endpoint": "cities", "auth": {"token": "t-cities"}}
    assert merged["endpoint_conf"][1] == {"endpoint": "orders", "auth": {"token": "t-orders"}}


def test_a_new_item_does_not_inherit_its_neighbours_secret() -> None:
    given = {"endpoint_conf": [{"endpoint": "products", "auth": {"token": MASK}}]}

    with pytest.raises(InvalidParameter) as refused:
        merge(given, VALUE, NAMED, root="json_value")

    assert list(refused.value.errors) == ["json_value.endpoint_conf.0.auth.token"]


def test_a_mask_with_nothing_behind_it_is_refused() -> None:
    with pytest.raises(InvalidParameter) as refused:
        merge({"password": MASK}, {"password": None}, NAMED)

    assert list(refused.value.errors) == ["password"]


def test_the_mask_is_a_plain_text_elsewhere() -> None:
    assert merge({"note": MASK}, {}, NAMED) == {"note": MASK}
