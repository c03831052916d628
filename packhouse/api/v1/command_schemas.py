"""Every command in the OpenAPI document: its body, its parameters, an example (page 20)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from packhouse.api.v1.shapes.command_examples import EXAMPLES
from packhouse.commands.installation import DEFAULTS
from packhouse.commands.registry import in_order
from packhouse.kernel import params
from packhouse.kernel.commands import Command

_ADDRESSES: Final = {
    "package": "/api/v1/oms/packages/{id}/command/",
    "transfer": "/api/v1/oms/transfer_orders/{id}/command/",
}
_SWITCHES: Final[Mapping[str, str]] = {
    "sync_remote_order_status": "tell the back office, or not, whatever the transition says",
    "remote_invoice_call": "ask the invoice service that the transition configures, or do not",
    "remote_bill_fulfillment_call": "ask the bill service of the order's channel, or do not",
}
_REFERENCE: Final = "#/components/schemas/"


def add_commands(document: dict[str, Any]) -> None:
    """Put a body per command, and an example of each, into the document's two command addresses."""
    components = document["components"]["schemas"]
    for kind, address in _ADDRESSES.items():
        callable_ = [each for each in in_order(kind) if not each.system_only]
        for command in callable_:
            components.update(_components(command))
        name = f"{kind.capitalize()}CommandBody"
        components[name] = _any_of(kind, callable_)
        content = document["paths"][address]["post"]["requestBody"]["content"]["application/json"]
        content["schema"] = {"$ref": f"{_REFERENCE}{name}"}
        content["examples"] = {
            command.name: {"summary": command.title["en"], "value": EXAMPLES[command.name]}
            for command in callable_
        }


def _any_of(kind: str, commands: Sequence[Command]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "`transition` or `slug`, at least one. Parameters stand in `input_parameters`; at top level "
        "they are accepted too.",
        "properties": {**_who(kind), "input_parameters": {"type": "object"}},
        "anyOf": [{"$ref": f"{_REFERENCE}{command.name}Body"} for command in commands],
    }


def _who(kind: str) -> dict[str, Any]:
    return {
        kind: {"type": "integer", "description": "must equal the address"},
        "transition": {"type": "integer", "description": "id of an installed transition"},
        "slug": {
            "type": "string",
            "description": "slug of an installed transition, or a command's name or code",
        },
    }


def _components(command: Command) -> dict[str, Any]:
    """The body of one command and its parameters."""
    made: dict[str, Any] = {}
    parameters = params.schema(command.params)
    for name, schema in parameters.pop("$defs", {}).items():
        made[f"{command.name}{name}"] = _openapi(schema, command.name)
    shape = _openapi(parameters, command.name)
    shape["properties"] |= {
        name: {"type": "boolean", "description": text} for name, text in _SWITCHES.items()
    }
    made[f"{command.name}Parameters"] = shape
    who = _who(command.on)
    slugs = [default.slug for default in DEFAULTS if default.command == command.name]
    who["slug"]["description"] = f"{', '.join(slugs)}; or {', '.join(command.names)}"
    made[f"{command.name}Body"] = {
        "type": "object",
        "title": command.name,
        "description": " ".join(command.effects.split()),
        "properties": {**who, "input_parameters": {"$ref": f"{_REFERENCE}{command.name}Parameters"}},
    }
    return made


def _openapi(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """JSON Schema as OpenAPI 3.0 has it: its own word for null, older ones for constants and open limits."""
    if "anyOf" in schema:
        return _choice(schema, prefix)
    if "$ref" in schema:
        reference = {"$ref": f"{_REFERENCE}{prefix}{schema['$ref'].rpartition('/')[2]}"}
        return (
            {"allOf": [reference], "description": schema["description"]}
            if "description" in schema
            else reference
        )
    made = {key: value for key, value in schema.items() if key not in ("title", "const")}
    if "const" in schema:
        made["enum"] = [schema["const"]]
    for key in ("Minimum", "Maximum"):
        if f"exclusive{key}" in made:
            made[key.lower()], made[f"exclusive{key}"] = made[f"exclusive{key}"], True
    if "items" in made:
        made["items"] = _openapi(made["items"], prefix)
    if "properties" in made:
        made["properties"] = {name: _openapi(each, prefix) for name, each in made["properties"].items()}
    return made


def _choice(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    branches = [_openapi(each, prefix) for each in schema["anyOf"] if each.get("type") != "null"]
    made: dict[str, Any] = {"allOf" if len(branches) == 1 and "$ref" in branches[0] else "anyOf": branches}
    if len(branches) == 1 and "anyOf" in made:
        made = dict(branches[0])
    if len(branches) < len(schema["anyOf"]):
        made["nullable"] = True
    if "description" in schema:
        made["description"] = schema["description"]
    return made
