"""Customers, and addresses that are known by their hash."""

from __future__ import annotations

from tests.sandbox.omnitron.conftest import Api, Json


def _address(api: Api, **changes: object) -> Json:
    customer = api.rows("channel/1/customers/")[0]
    fields = {name: customer[name] for name in ("email", "phone_number", "first_name", "last_name")}
    place = {"country": 1, "city": "34", "township": 1001, "district": None}
    return {**fields, "customer": customer["pk"], **place, "line": "Bahar Sk. 1", "title": "Home", **changes}


def test_a_customer_is_made_read_and_changed(api: Api) -> None:
    body: Json = {
        "channel": "1",
        "email": "Ada.New@example.com",
        "phone_number": None,
        "first_name": "Ada",
        "extra_field": {},
    }

    customer = api.post("channel/1/customers/", {**body, "channel_code": "c-1", "is_active": True})

    path = f"channel/1/customers/{customer['pk']}/"
    assert (customer["channel"], customer["phone_number"]) == (1, None)
    assert api.get(path) == api.get(f"customers/{customer['pk']}/") == customer
    assert api.rows("channel/1/customers/", email="Ada.New@example.com", channel=1) == [customer]
    assert api.rows("channel/1/customers/", email="ada.new@example.com") == []
    changed = api.patch(path, {"last_name": "Yılmaz", "user_type": "registered"})
    assert (changed["last_name"], changed["user_type"], changed["email"]) == (
        "Yılmaz",
        "registered",
        body["email"],
    )
    assert api.get(f"channel/2/customers/{customer['pk']}/", expect=404)


def test_without_a_channel_in_the_path_the_body_names_it(api: Api) -> None:
    assert api.post("customers/", {"email": "x@example.com", "channel": 3})["channel"] == 3
    assert api.post("customers/", {"email": "x@example.com"}, status=400)["channel"]


def test_a_customer_has_the_keys_clients_read(api: Api) -> None:
    assert set(api.rows("customers/", limit=1)[0]) >= {
        "pk", "channel", "email", "first_name", "last_name", "phone_number", "is_active", "channel_code", "erp_code",
        "extra_field", "modified_date", "created_date", "date_joined", "email_allowed", "sms_allowed", "call_allowed",
        "gender", "attributes", "user_type", "date_of_birth", "attributes_kwargs", "localized_attributes",
        "localized_attributes_kwargs",
    }  # fmt: skip


def test_an_address_is_made_with_its_hash(api: Api) -> None:
    address = api.post("channel/1/addresses/", _address(api))

    assert len(address["hash_data"]) == 32
    assert (address["city"], address["district"], address["address_type"]) == (34, None, "customer")
    assert (address["e_bill_taxpayer"], address["is_active"], address["extra_field"]) == (False, True, {})
    assert api.get(f"channel/1/addresses/{address['pk']}/") == address
    assert api.get(f"channel/3/addresses/{address['pk']}/", expect=404)


def test_the_same_address_again_is_400_with_a_hash_that_finds_it(api: Api) -> None:
    first = api.post("channel/1/addresses/", _address(api, line="Gül Sk. 2"))

    refusal = api.post("channel/1/addresses/", _address(api, line="Gül Sk. 2"), status=400)

    word = refusal["non_field_errors"].split()[0]
    assert word == f"hash_data:{first['hash_data']}"
    assert api.rows("channel/1/addresses/", hash_data=word.partition(":")[2]) == [first]


def test_a_changed_address_has_another_hash(api: Api) -> None:
    address = api.post("channel/1/addresses/", _address(api, line="Lale Sk. 3"))
    twin = api.post("channel/1/addresses/", _address(api, line="Lale Sk. 4"))
    path = f"channel/1/addresses/{twin['pk']}/"

    changed = api.patch(path, {"line": "Lale Sk. 5"})

    assert changed["hash_data"] not in (address["hash_data"], twin["hash_data"])
    assert api.patch(path, {"line": "Lale Sk. 3"}, status=400)["non_field_errors"].startswith("hash_data:")
    assert api.patch(path, {"notes": None})["hash_data"] == changed["hash_data"]


def test_an_address_needs_somebody_and_somewhere(api: Api) -> None:
    refusal = api.post("channel/1/addresses/", {}, status=400)
    assert set(refusal) == {"customer", "country", "city", "line", "code"}

    refusal = api.post("channel/1/addresses/", _address(api, city=999, township="x"), status=400)
    assert set(refusal) == {"city", "township", "code"}

    stranger = api.rows("channel/3/customers/")[0]["pk"]
    assert api.post("channel/1/addresses/", _address(api, customer=stranger), status=400)["customer"]
