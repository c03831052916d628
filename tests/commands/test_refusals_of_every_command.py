"""What every command refuses, generated from the registry: each time nothing has changed, in any table."""

from collections.abc import Iterator
from typing import Any

import pytest

from packhouse.kernel import commands, params
from packhouse.kernel.commands import Command
from packhouse.kernel.configuration import SWITCHES
from packhouse.kernel.engine import Call, execute
from packhouse.kernel.errors import (
    ConfigurationFromCaller,
    InvalidParameter,
    MissingParameter,
    NotFound,
    PackhouseError,
    PermissionDenied,
    UnknownParameter,
)
from packhouse.kernel.models import Role
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.transfers.states import TransferStatus
from tests.builders import a_cargo_company, a_package, a_transfer
from tests.commands.running import Subject, an_actor
from tests.commands.samples import parameters
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db
ALL = [each for each in commands.registered() if each.on in ("package", "transfer")]
RUN_BY_CALLERS = [each for each in ALL if not each.system_only]
WRONG: tuple[Any, ...] = ({"a": {}}, [[]], {"id": True}, 1.5, True, "\x00")


def a_subject(command: Command) -> Subject:
    """An object in a state from which the command starts."""
    source = command.sources()[0]
    if command.on == "transfer":
        return a_transfer(state=TransferStatus(source))
    return a_package(state=PackageStatus(source))


def its_parameters(command: Command, subject: Subject) -> dict[str, Any]:
    """What the command needs; nothing where it takes nothing."""
    if isinstance(subject, Package):
        return parameters(command.name, subject)
    if command.name == "TransferOrderAdvancedCommand":
        return {"cargo_company": a_cargo_company().pk, "tracking_number": "T1"}
    return {}


def refused(command: Command, error: type[PackhouseError], given: Any, **call: Any) -> PackhouseError:
    subject = call.pop("subject", None) or a_subject(command)
    actor = call.pop("actor", None) or an_actor(Role.ADMIN)
    before = fingerprint()
    with pytest.raises(error) as refusal:
        execute(command.on, Call(subject.pk, slug=command.name, input_parameters=given), actor)
    assert fingerprint() == before
    return refusal.value


def named(commands_: list[Command]) -> Any:
    return pytest.mark.parametrize("command", commands_, ids=lambda command: command.name)


@named(RUN_BY_CALLERS)
def test_an_unknown_parameter(command: Command) -> None:
    subject = a_subject(command)
    given = {**its_parameters(command, subject), "no_such_parameter": 1}

    error = refused(command, UnknownParameter, given, subject=subject)

    assert list(error.errors) == ["input_parameters.no_such_parameter"]


@named(RUN_BY_CALLERS)
def test_configuration_from_the_caller(command: Command) -> None:
    subject = a_subject(command)
    for switch in SWITCHES:
        aimed = {switch: {"remote_url": "http://127.0.0.1:9/"}}
        error = refused(command, ConfigurationFromCaller, aimed, subject=subject)
        assert list(error.errors) == [f"input_parameters.{switch}"]
        refused(command, InvalidParameter, {switch: "yes"}, subject=subject)


def _required() -> Iterator[Any]:
    for command in RUN_BY_CALLERS:
        for name in params.schema(command.params).get("required", ()):
            yield pytest.param(command, name, id=f"{command.name}-{name}")


@pytest.mark.parametrize(("command", "name"), list(_required()))
def test_a_missing_parameter(command: Command, name: str) -> None:
    error = refused(command, MissingParameter, {})

    assert f"input_parameters.{name}" in error.errors


def _every_parameter() -> Iterator[Any]:
    for command in RUN_BY_CALLERS:
        for name in params.schema(command.params)["properties"]:
            yield pytest.param(command, name, id=f"{command.name}-{name}")


@pytest.mark.parametrize(("command", "name"), list(_every_parameter()))
def test_a_parameter_of_a_wrong_type(command: Command, name: str) -> None:
    schema = params.schema(command.params)["properties"][name]
    takes_truth = schema.get("type") == "boolean"
    subject = a_subject(command)
    for wrong in WRONG:
        if takes_truth and wrong is True:
            continue
        if isinstance(wrong, str) and "string" in str(schema):
            continue  # a NUL in a text is refused by HTTP, and said to be so there
        error = refused(command, InvalidParameter, {name: wrong}, subject=subject)
        assert any(path.startswith(f"input_parameters.{name}") for path in error.errors), (
            wrong,
            error.errors,
        )


@named(ALL)
def test_no_such_object(command: Command) -> None:
    subject = a_subject(command)
    subject.pk = 987654321
    error = NotFound if not command.system_only and not _requires(command) else PackhouseError

    refused(command, error, {}, subject=subject)


def _requires(command: Command) -> bool:
    return bool(params.schema(command.params).get("required"))


@named(ALL)
def test_an_object_of_another_location(command: Command) -> None:
    subject = a_subject(command)
    elsewhere = an_actor(Role.INTEGRATION, location_ids=frozenset({987654321}))

    error = refused(command, PackhouseError, {}, subject=subject, actor=elsewhere)

    assert isinstance(error, PermissionDenied | MissingParameter)


@named([each for each in ALL if each.system_only])
def test_what_only_the_system_runs(command: Command) -> None:
    refused(command, PermissionDenied, {})
