"""The machine as a graph, and its forms."""

import json
from xml.etree import ElementTree

import pytest

from packhouse.commands.machine_graph.formats import drawn
from packhouse.commands.machine_graph.graph import OBJECTS, Edge, Graph, installed, of_defaults
from packhouse.kernel import version
from packhouse.kernel.models import State, Transition

SVG = "{http://www.w3.org/2000/svg}"


def edge(graph: Graph, source: str, target: str) -> Edge:
    return next(each for each in graph.edges if (each.source, each.target) == (source, target))


def both() -> list[Graph]:
    return [of_defaults(kind) for kind in OBJECTS]


def test_a_move_has_every_transition_that_makes_it() -> None:
    package = of_defaults("package")

    assert [label.slug for label in edge(package, "WAITING", "PREPARING").labels] == [
        "deallocate-reservations",
        "start-preparing",
        "prepare-package",
    ]
    assert "replace-product" in [label.slug for label in package.in_place["WAITING"]]


def test_what_leads_back_stands_on_the_moves_that_lead_there() -> None:
    package = of_defaults("package")

    assert [label.slug for label in edge(package, "PREPARING", "BLOCKED").back] == ["unblock"]
    held = edge(package, "PACKED", "CANCELLATION_WAITING")
    assert (held.system, [label.command for label in held.back]) == (True, ["ReleaseFromCancellationCommand"])


def test_what_the_system_does_is_told_apart() -> None:
    package = of_defaults("package")

    assert edge(package, "WAITING", "STALE_WAITING").system
    assert edge(package, "WAITING_FOR_TRANSFER", "WAITING").system
    assert not edge(package, "WAITING", "PACKED").system


def test_mermaid_names_every_state_and_move_of_both() -> None:
    text = drawn(both(), "mermaid")

    assert text.startswith("stateDiagram-v2\n")
    assert 'state "Waiting for transfer" as transfer_WAITING' in text
    assert (
        "package_WAITING --> package_PREPARING : Deallocate reservations, Prepare, Prepare with findings"
        in text
    )
    assert "package_BLOCKED --> package_WAITING : Unblock" in text
    assert "package_WAITING --> package_STALE_WAITING : (Mark as stale)" in text
    assert "transfer_TRANSFERRED --> [*]" in text
    alone = drawn(both()[1:], "mermaid")
    assert "    WAITING --> IN_TRANSIT : Dispatch\n" in alone


@pytest.mark.django_db
def test_names_that_would_break_a_form_do_no_harm() -> None:
    State.objects.filter(enum_class="PackageStatus", enum_value="500").update(name='Pac"ked: <b>\\#;')
    Transition.objects.filter(slug="ship-the-package").update(name={"en": 'Go "out"; & <away>:\nnow'})
    version.raise_version()
    version.forget()
    graphs = [installed(kind) for kind in OBJECTS]

    assert "package_PACKED --> package_SHIPPED : Go 'out', & <away> now" in drawn(graphs, "mermaid")
    assert r'PACKED [label="Pac\"ked: <b>\\#;"' in drawn(graphs, "dot")
    assert 'Pac"ked: <b>' in "".join(ElementTree.fromstring(drawn(graphs, "svg")).itertext())


def test_dot_quotes_and_marks() -> None:
    text = drawn(both(), "dot")

    assert text.count("digraph ") == 2
    assert 'WAITING -> PREPARING [label="Deallocate reservations\\nPrepare\\nPrepare with findings"]' in text
    assert "dir=both" in text
    assert text.count("{") == text.count("}")


def test_the_picture_shows_every_state_and_tells_every_transition() -> None:
    graphs = both()
    picture = ElementTree.fromstring(drawn(graphs, "svg"))

    texts = [text.text for text in picture.iter(f"{SVG}text")]
    titles = "\n".join(title.text or "" for title in picture.iter(f"{SVG}title"))
    for graph in graphs:
        assert all(node.name in texts for node in graph.nodes)
        for each in graph.edges:
            assert all((label.slug or label.command) in titles for label in each.labels)
    moves = [group for group in picture.iter(f"{SVG}g") if "move" in group.get("class", "").split()]
    assert len(moves) == sum(len(graph.edges) for graph in graphs) + 1  # one stands in the legend


def test_states_of_a_picture_do_not_lie_on_one_another() -> None:
    for graph in both():
        picture = ElementTree.fromstring(drawn([graph], "svg"))
        named = [group for group in picture.iter(f"{SVG}g") if group.find(f"{SVG}text") is not None]
        boxes = [
            tuple(float(box.get(key, "")) for key in ("x", "y", "width", "height"))
            for group in named
            if (box := group.find(f"{SVG}rect")) is not None
        ]
        assert len(boxes) == len(graph.nodes)
        for position, (x, y, width, height) in enumerate(boxes):
            for left, top, wide, high in boxes[position + 1 :]:
                apart = x + width < left or left + wide < x or y + height < top or top + high < y
                assert apart


def test_json_has_moves_by_member() -> None:
    document = json.loads(drawn(both(), "json"))

    assert [graph["object"] for graph in document["graphs"]] == ["package", "transfer"]
    states = {state["member"]: state for state in document["graphs"][0]["states"]}
    assert states["WAITING"] == {
        "member": "WAITING",
        "enum_value": "100",
        "name": "Waiting",
        "open": True,
        "born": True,
    }
    moves = document["graphs"][1]["moves"]
    assert {"source": "IN_TRANSIT", "target": "TRANSFERRED"}.items() <= moves[3].items()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", OBJECTS)
def test_what_is_seeded_is_the_default_machine(kind: str) -> None:
    there, default = installed(kind), of_defaults(kind)

    assert there.nodes == default.nodes
    assert [(each.source, each.target, each.system) for each in there.edges] == [
        (each.source, each.target, each.system) for each in default.edges
    ]
    assert all(label.id is not None for each in there.edges if not each.system for label in each.labels)


@pytest.mark.django_db
def test_what_is_switched_off_is_not_drawn() -> None:
    Transition.objects.filter(slug="start-preparing").update(is_active=False)
    version.raise_version()
    version.forget()

    slugs = [label.slug for label in edge(installed("package"), "WAITING", "PREPARING").labels]

    assert slugs == ["deallocate-reservations", "prepare-package"]
