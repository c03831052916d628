"""JSON Schema violations as a list of fields, the way a service would tell its caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

MESSAGE_LENGTH = 200


@dataclass(frozen=True)
class Problem:
    """One thing wrong: `field` dotted (`items.0.sku`, empty for the whole), `code` `required`, `unknown` or
    `invalid`."""

    field: str
    code: str
    message: str


def problems_of(validator: Draft202012Validator, body: Any) -> list[Problem]:
    """Everything the schema finds wrong with the body, in the order of the fields; empty when it fits."""
    return sorted(
        (_problem(error) for error in validator.iter_errors(body)), key=lambda problem: problem.field
    )


def _problem(error: ValidationError) -> Problem:
    path = [str(step) for step in error.absolute_path]
    if error.validator == "required":
        names: Any = error.validator_value
        missing = next(name for name in names if error.message.startswith(repr(name)))
        return Problem(".".join([*path, missing]), "required", "is missing")
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        instance: Any = error.instance
        unknown = min(set(instance) - set(schema.get("properties", {})))
        return Problem(".".join([*path, unknown]), "unknown", "is not a known key")
    return Problem(".".join(path), "invalid", _shortened(error.message))


def _shortened(text: str) -> str:
    return text if len(text) <= MESSAGE_LENGTH else f"{text[: MESSAGE_LENGTH - 1]}…"
