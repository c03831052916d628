"""Every command in every state, generated from the registry: where it is installed it moves as the row says,
where it is not it is refused and no table changes."""

import re

import pytest

from packhouse.cli.actions.pages import PAGES
from packhouse.kernel import commands, engine, machine
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PermissionDenied, WrongState
from packhouse.kernel.models import Role, Scope
from packhouse.packages.states import PackageStatus
from packhouse.transfers.states import TransferStatus
from tests.builders import a_cargo_company, a_package, a_transfer
from tests.commands.samples import end, parameters
from tests.fingerprint import fingerprint

OPERATOR = Actor(
    user_id=None,
    role=Role.OPERATOR,
    scopes=frozenset(Scope.values),
    location_ids=None,
    channel_ids=None,
    label="operator",
    language="en",
)
COMMANDS = commands.registered("package")
CASES = [
    pytest.param(command, state, id=f"{command.name}-{state.name}")
    for command in COMMANDS
    for state in PackageStatus
]


def _rows(command: commands.Command, state: PackageStatus) -> list[machine.TransitionRow]:
    return [row for row in machine.current().from_state("package", state) if row.command == command.name]


@pytest.mark.django_db
@pytest.mark.parametrize(("command", "state"), CASES)
def test_a_command_moves_as_installed_and_is_refused_elsewhere(
    command: commands.Command, state: PackageStatus
) -> None:
    rows = _rows(command, state)
    if not rows:
        package = a_package(state=state)
        given = parameters(command.name, package)
        before = fingerprint()

        with pytest.raises((WrongState, PermissionDenied)) as refusal:
            engine.execute("package", Call(package.pk, slug=command.name, input_parameters=given), OPERATOR)

        if isinstance(refusal.value, WrongState):
            assert state.name in refusal.value.text
        assert fingerprint() == before
    for row in rows:
        package = a_package(state=state)
        given = parameters(command.name, package)

        engine.execute("package", Call(package.pk, transition=row.id, input_parameters=given), OPERATOR)

        package.refresh_from_db()
        assert package.state == end(command.name, state, row.target)
        assert {item.state for item in package.items.all()} == {package.state}


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_declared_move_is_open_to_the_system(command: commands.Command) -> None:
    for source in command.sources():
        if len({move.target for move in command.moves if move.source is source}) > 1:
            continue
        package = a_package(state=PackageStatus(source))
        given = parameters(command.name, package)

        outcome = engine.execute(
            "package", Call(package.pk, slug=command.name, input_parameters=given), SYSTEM
        )

        targets = {move.target for move in command.moves if move.source is source}
        assert outcome.state == end(command.name, PackageStatus(source), targets.pop())


# Transfers

TRANSFERS = commands.registered("transfer")
OTHER_CASES = [
    pytest.param(command, state, id=f"{command.name}-{state.name}")
    for command in TRANSFERS
    for state in TransferStatus
]


def _transfer_parameters(command: commands.Command) -> dict[str, object]:
    if command.name != "TransferOrderAdvancedCommand":
        return {}
    return {"cargo_company": a_cargo_company().pk, "tracking_number": "T1"}


@pytest.mark.django_db
@pytest.mark.parametrize(("command", "state"), OTHER_CASES)
def test_a_transfers_command_moves_as_installed_and_is_refused_elsewhere(
    command: commands.Command, state: TransferStatus
) -> None:
    rows = [row for row in machine.current().from_state("transfer", state) if row.command == command.name]
    transfer, given = a_transfer(state=state), _transfer_parameters(command)
    before = fingerprint()

    for row in rows:
        engine.execute("transfer", Call(transfer.pk, transition=row.id, input_parameters=given), OPERATOR)

        transfer.refresh_from_db()
        assert transfer.state == row.target
        assert {item.state for item in transfer.items.all()} == {row.target}
    if not rows:
        with pytest.raises((WrongState, PermissionDenied)):
            engine.execute("transfer", Call(transfer.pk, slug=command.name, input_parameters=given), OPERATOR)
        assert fingerprint() == before


def test_the_page_of_states_says_how_many_cases_there_are() -> None:
    told = re.search(r"(\d+) cases generated", PAGES["states.md"]())

    assert told
    assert int(told[1]) == len(CASES) + len(OTHER_CASES)
