"""What a command may refuse, read from its code: requirements by their promise, errors by their code."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import CodeType, ModuleType
from typing import Any

from packhouse.cli.actions.pages.markdown import first_paragraph
from packhouse.kernel.commands import Command
from packhouse.kernel.errors import (
    InvalidParameter,
    MissingParameter,
    NotFound,
    PackhouseError,
    PermissionDenied,
    UnknownParameter,
    WrongState,
)

OF_EVERY_COMMAND = (NotFound, PermissionDenied, UnknownParameter, WrongState)
# Where a command's own code ends: what the kernel refuses, it refuses to every command.
_NOT_ITS_OWN = "packhouse.kernel."


def requirements(command: Command) -> list[str]:
    """What must hold, in the words of each requirement."""
    return [first_paragraph(requirement) for requirement in command.requires]


def codes(command: Command) -> list[str]:
    """The codes of the errors that its own code may raise, beside those of every command."""
    starts = [command.body, *command.requires, *([command.prepare] if command.prepare else [])]
    seen: set[Any] = set()
    errors = {error for start in starts for error in _raised(start, seen)}
    if any(field.is_required() for field in command.params.model_fields.values()):
        errors.add(MissingParameter)
    if command.params.model_fields:
        errors.add(InvalidParameter)
    return sorted({error.code for error in errors.difference(OF_EVERY_COMMAND)})


def _raised(function: Callable[..., Any], seen: set[Any]) -> Iterator[type[PackhouseError]]:
    """Follows its calls; what only an adapter will raise stands in the docstring that promises it."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is None or function in seen:
        return
    seen.add(function)
    promised = re.findall(r"\w+", (function.__doc__ or "").partition("Raises")[2])
    yield from (error for error in _every(PackhouseError) if error.__name__ in promised)
    for found in _mentioned(code, function.__globals__):
        if inspect.isclass(found) and issubclass(found, PackhouseError):
            yield found
        elif inspect.isfunction(found) and _is_its_own(found.__module__):
            yield from _raised(found, seen)


def _is_its_own(module: str) -> bool:
    return module.startswith("packhouse.") and not module.startswith(_NOT_ITS_OWN)


def _every(error: type[PackhouseError]) -> Iterator[type[PackhouseError]]:
    for child in error.__subclasses__():
        yield child
        yield from _every(child)


def _mentioned(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """Every global that the code mentions, and what it takes out of modules."""
    found = [names[name] for name in code.co_names if name in names]
    yield from found
    for module in found:
        if isinstance(module, ModuleType):
            yield from (vars(module)[name] for name in code.co_names if name in vars(module))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _mentioned(inner, names)
