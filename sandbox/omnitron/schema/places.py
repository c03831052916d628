"""Channels, geography, stores, people."""

from __future__ import annotations

from sandbox.omnitron.schema.fields import Table, document, flag, integer, link, moment, number, text

USER = Table(
    "user",
    (text("username"), text("email"), flag("is_superuser"), text("password", hidden=True)),
    unique=(("username",),),
)
TOKEN = Table("token", (text("key"), link("user")), unique=(("key",),))

CONTENT_TYPE = Table("content_type", (text("app_label"), text("model")), key="id", unique=(("model",),))

CHANNEL = Table(
    "channel",
    (
        text("name"),
        link("catalog"),
        text("channel_type", "web"),
        document("conf", {}),
        integer("category_tree"),
        flag("is_active", True),
        document("schema", {}),
    ),
    key="both",
    model="channel",
)
CATALOG = Table("catalog", (text("name"), link("price_list"), link("stock_list")))

_GEOGRAPHY = (number("latitude", places=8), number("longitude", places=8), document("translations"))
COUNTRY = Table(
    "country", (text("name"), text("code"), flag("is_active", True), *_GEOGRAPHY), model="country"
)
CITY = Table(
    "city", (text("name"), text("code"), flag("is_active", True), link("country"), *_GEOGRAPHY), model="city"
)
TOWNSHIP = Table(
    "township",
    (text("name"), text("code"), flag("is_active", True), link("city"), *_GEOGRAPHY),
    model="township",
    indexes=(("city",),),
    aliases={"country": "city__country"},
    first_id=1001,
)
DISTRICT = Table(
    "district",
    (text("name"), text("code"), flag("is_active", True), link("city"), link("township"), *_GEOGRAPHY),
    model="district",
    indexes=(("township",),),
    aliases={"country": "city__country"},
    first_id=10001,
)
MAPPING = Table(
    "mapping",
    (link("content_type"), integer("object_id"), text("integration_type"), text("code")),
    unique=(("content_type", "object_id", "integration_type"),),
    indexes=(("content_type", "integration_type", "code"),),
)

CARGO_COMPANY = Table(
    "cargo_company", (text("name"), text("erp_code"), text("shipping_company")), first_id=691
)

RETAIL_STORE = Table(
    "retail_store",
    (
        text("name"),
        text("erp_code"),
        text("address"),
        link("township"),
        link("district"),
        text("phone_number"),
        text("fax_phone_number"),
        text("image"),
        document("store_hours", []),
        number("latitude", places=8),
        number("longitude", places=8),
        flag("is_active", True),
        flag("click_and_collect"),
        flag("fast_delivery"),
        flag("is_return_accepted"),
        integer("sort_order", 0),
        document("config", {}),
        document("channels", []),
        document("translations"),
    ),
    model="retailstore",
    indexes=(("erp_code",), ("modified_date",)),
    aliases={"city": "township__city", "fax_number": "fax_phone_number"},
    first_id=101,
)

CUSTOMER = Table(
    "customer",
    (
        link("channel"),
        text("email"),
        text("first_name"),
        text("last_name"),
        text("phone_number"),
        text("channel_code"),
        text("erp_code"),
        flag("is_active", True),
        text("user_type"),
        document("attributes", {}),
        document("attributes_kwargs", {}),
        document("localized_attributes", {}),
        document("localized_attributes_kwargs", {}),
        document("extra_field", {}),
        moment("date_joined"),
        text("date_of_birth"),
        text("gender"),
        flag("email_allowed"),
        flag("sms_allowed"),
        flag("call_allowed"),
    ),
    model="customer",
    indexes=(("email",), ("phone_number",), ("channel",), ("modified_date",)),
    first_id=2001,
)

ADDRESS = Table(
    "address",
    (
        link("customer"),
        link("channel", hidden=True),
        text("email"),
        text("phone_number"),
        text("first_name"),
        text("last_name"),
        link("country"),
        link("city"),
        link("township"),
        link("district"),
        text("line"),
        text("title"),
        text("postcode"),
        text("notes"),
        text("company_name"),
        text("tax_office"),
        text("tax_no"),
        flag("e_bill_taxpayer"),
        text("identity_number"),
        text("address_type", "customer"),
        link("retail_store"),
        text("hash_data"),
        text("remote_id"),
        document("extra_field", {}),
        flag("is_active", True),
    ),
    model="address",
    unique=(("hash_data",),),
    indexes=(("customer",), ("channel",)),
    first_id=5001,
)
