"""Whether a request for an invoice is one: its shape by the published schema, its money by sums."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from sandbox.schema_check import Problem, problems_of

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
_VALIDATOR = Draft202012Validator(SCHEMA)


def problems_with(body: Any) -> list[Problem]:
    """Everything wrong with a request, shape first; the sums are looked at once the shape is right."""
    return problems_of(_VALIDATOR, body) or _wrong_sums(body)


def _wrong_sums(body: dict[str, Any]) -> list[Problem]:
    found = []
    for index, item in enumerate(body["items"]):
        gross = Decimal(item["gross_amount"])
        if gross != Decimal(item["price"]) - Decimal(item["discount_amount"]):
            found.append(_sum_problem(f"items.{index}.gross_amount", "is not price - discount_amount"))
        if gross != Decimal(item["net_amount"]) + Decimal(item["tax_amount"]):
            found.append(_sum_problem(f"items.{index}.net_amount", "is not gross_amount - tax_amount"))
    amounts = body.get("amounts")
    if amounts is not None:
        for name, column in (("items_gross", "gross_amount"), ("items_net", "net_amount")):
            if Decimal(amounts[name]) != sum(Decimal(item[column]) for item in body["items"]):
                found.append(_sum_problem(f"amounts.{name}", f"is not the sum of the items' {column}"))
    return found


def _sum_problem(field: str, message: str) -> Problem:
    return Problem(field, "sum", message)
