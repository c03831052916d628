"""GET /transitions/graph/: the machine as a drawing (page 50)."""

import pytest

from packhouse.kernel.models import Role, Transition
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.api.callers import Caller, a_caller
from tests.builders import a_package

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("dot", "text/vnd.graphviz; charset=utf-8", b"digraph package {"),
        ("mermaid", "text/vnd.mermaid; charset=utf-8", b"stateDiagram-v2"),
        ("svg", "image/svg+xml; charset=utf-8", b"<svg xmlns="),
        ("json", "application/json", b'{"graphs":['),
    ],
)
def test_four_forms(operator: Caller, form: str, media_type: str, begins: bytes) -> None:
    by_query = operator.get(f"transitions/graph/?format={form}")
    by_accept = operator.get("transitions/graph", accept=media_type.partition(";")[0])

    for answer in (by_query, by_accept):
        assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)
        assert answer.content.startswith(begins)


def test_json_has_ids_and_the_lints_warnings(admin: Caller) -> None:
    row = Transition.objects.get(slug="transfer-delivered")
    assert admin.patch(f"transitions/{row.pk}/", {"is_active": False}).status == 200

    document = admin.get("transitions/graph/").json

    assert [graph["object"] for graph in document["graphs"]] == ["package", "transfer"]
    ship = Transition.objects.get(slug="ship-the-package")
    moves = {(move["source"], move["target"]): move for move in document["graphs"][0]["moves"]}
    assert moves["PACKED", "SHIPPED"]["transitions"][0] == {
        "transition": ship.pk,
        "slug": "ship-the-package",
        "command": "ShipThePackageCommand",
        "name": "Ship",
    }
    (warning,) = document["warnings"]
    assert (warning["code"], warning["kind"], warning["state"]) == ("dead_end", "transfer", "IN_TRANSIT")


def test_one_kind_alone_and_names_in_the_callers_language(operator: Caller) -> None:
    document = operator.get("transitions/graph/?object=transfer", Accept_Language="tr").json

    (graph,) = document["graphs"]
    assert graph["object"] == "transfer"
    assert graph["moves"][0]["transitions"][0]["name"] == "Sevke hazır"


def test_refusals(operator: Caller) -> None:
    assert operator.get("transitions/graph/?format=png").status == 406
    assert operator.get("transitions/graph/?object=order").json["code"] == "invalid_parameter"
    assert operator.get("transitions/graph/?colour=red").json["code"] == "unknown_filter"
    assert a_caller(Role.STORE).get("transitions/graph/").status == 403
    assert Caller().get("transitions/graph/?format=svg").status == 401


# The real target of commands that lead back


def test_a_package_split_off_while_blocked_shows_where_unblocking_leads(admin: Caller) -> None:
    package = a_package(state=P.PREPARING, items=2)
    address = f"packages/{package.pk}/command/"
    assert admin.post(address, {"slug": "BlockThePackageCommand"}).status == 204
    first = package.items.order_by("id")[0]
    cancel = {"slug": "CancelPackageCommand", "input_parameters": {"package_items": [{"id": first.pk}]}}
    assert admin.post(address, cancel).status == 204
    rest = Package.objects.get(previous_package=package)

    shown = admin.get(f"packages/{rest.pk}/").json["commands"]

    unblock = next(command for command in shown if command["command"] == "UnblockThePackageCommand")
    assert unblock["target_state"]["enum_value"] == "200"
