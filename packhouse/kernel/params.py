"""Typed parameters of commands: pydantic models, their JSON Schema, and errors that name the path."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from packhouse.kernel.errors import InvalidParameter, MissingParameter, PackhouseError, UnknownParameter
from packhouse.kernel.times import parse_time

ROOT = "input_parameters"


def _no_truth_value(given: object) -> object:
    """JSON's `true` is no number, although Python's is."""
    if isinstance(given, bool):
        raise ValueError("Input should be a valid integer")
    return given


def _in_utc(given: object) -> object:
    if not isinstance(given, str):
        raise ValueError("Input should be a date and time as ISO 8601 text")
    return parse_time(given)


Id = Annotated[int, BeforeValidator(_no_truth_value)]
"""The id of a row."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
IdOrCode = Annotated[Id | Code, BeforeValidator(_no_truth_value)]
"""The id of a row, or the code that partners know it by."""

When = Annotated[datetime, BeforeValidator(_in_utc)]
"""ISO 8601 with any offset; a naive time or a bare date is in the installation's time zone. In hand: UTC."""


class Params(BaseModel):
    """Base of every command's parameters; a key that it does not declare is refused.

    What stands below a parameter is its description, for the schema and the documentation.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, use_attribute_docstrings=True
    )


class NoParams(Params):
    """For commands that take nothing."""


P = TypeVar("P", bound=Params)


def parse(model: type[P], given: Mapping[str, Any], *, root: str = ROOT) -> P:
    """`given` as the model.

    Raises MissingParameter, UnknownParameter or InvalidParameter, keyed by path
    (`input_parameters.barcodes.0.barcode`).
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(error, root) from None


def _refusal(error: ValidationError, root: str) -> PackhouseError:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    texts: dict[str, list[str]] = {}
    for detail in details:
        path = ".".join([root, *(str(part) for part in detail["loc"] if not _is_a_branch(part))])
        texts.setdefault(path, []).append(detail["msg"])
    kinds = {detail["type"] for detail in details}
    if kinds == {"missing"}:
        return MissingParameter(texts)
    if kinds == {"extra_forbidden"}:
        return UnknownParameter({path: ["This parameter is not known."] for path in texts})
    return InvalidParameter(texts)


def _is_a_branch(part: int | str) -> bool:
    """Union members show up in pydantic's paths under their type's name; callers have never heard of them."""
    return isinstance(part, str) and ("[" in part or part[:1].isupper())


def schema(model: type[Params]) -> dict[str, Any]:
    """The JSON Schema shown under `input_parameters` of a runnable command."""
    document = model.model_json_schema()
    document.pop("title", None)
    document.pop("description", None)
    document.setdefault("properties", {})
    return document
