"""JSON Schemas told in one line each."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "maxLength": "up to {} characters",
    "pattern": "pattern {}",
}


def type_of(schema: Schema, definitions: Schema) -> str:
    """`integer ≥ 1`, `list of text`, `one of a, b`, `object, see below`."""
    schema = resolved(schema, definitions)
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_of(each, definitions) for each in schema["anyOf"]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}), definitions)}"
    if kind == "object" and not schema.get("properties"):
        values = schema.get("additionalProperties")
        return f"object of {type_of(values, definitions)}" if isinstance(values, Mapping) else "object"
    names = {"string": "text", "boolean": "true or false", "null": "null"}
    limits = [text.format(schema[key]) for key, text in _LIMITS.items() if key in schema]
    return " ".join([names.get(kind, str(kind)), *limits])


def properties(schema: Schema, definitions: Schema, path: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Every property at any depth: path, schema, whether it is required."""
    schema = resolved(schema, definitions)
    for branch in schema.get("anyOf", []):
        yield from properties(branch, definitions, path)
    if schema.get("type") == "array":
        yield from properties(schema.get("items", {}), definitions, f"{path}[]")
    for name, each in schema.get("properties", {}).items():
        inner = f"{path}.{name}" if path else name
        yield inner, each, name in schema.get("required", ())
        yield from properties(each, definitions, inner)


def resolved(schema: Schema, definitions: Schema) -> Schema:
    """The schema itself behind a reference."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema
