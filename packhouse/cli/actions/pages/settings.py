"""docs/settings.md: every application setting."""

from packhouse.cli.actions.pages.markdown import code, document, table
from packhouse.cli.actions.pages.shapes import properties, type_of
from packhouse.kernel import settings_store
from packhouse.kernel.settings_keys import SettingKey

_INTRODUCTION = (
    "Application settings are rows, changed with `/api/v1/oms/settings/application_settings/`; a change is seen "
    "everywhere within a second. What stands here is the whole list. Parts marked *secret* are encrypted in the "
    "database and read back as `********`. Database address, keys and host names come from the environment instead."
)


def page() -> str:
    keys = settings_store.keys()
    overview = table(
        ["key", "default", "meaning"],
        [[f"[`{key.name}`](#{key.name.lower()})", code(key.default), key.en] for key in keys],
    )
    return document("Settings", _INTRODUCTION, [overview, *map(_section, keys)])


def _section(key: SettingKey) -> str:
    schema = key.json_schema
    definitions = schema.get("$defs", {})
    rows = [
        [
            f"`{path}`",
            type_of(each, definitions) + _secret(path, key),
            "yes" if required else "",
            _default(each),
        ]
        for path, each, required in properties(schema, definitions)
    ]
    parts = [
        f"## {key.name}",
        key.en,
        f"Value: {type_of(schema, definitions)}. Default: {code(key.default)}.",
    ]
    if rows:
        parts.append(table(["part", "value", "needed", "default"], rows))
    return "\n\n".join(parts)


def _default(schema: object) -> str:
    return code(schema["default"]) if isinstance(schema, dict) and "default" in schema else ""


def _secret(path: str, key: SettingKey) -> str:
    steps = tuple(path.replace("[]", ".*").strip(".").split("."))
    return ", *secret*" if ".".join(steps) in key.secrets else ""
