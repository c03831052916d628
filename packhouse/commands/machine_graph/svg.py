"""The graph as a picture. graphlay places states and arrows; the look is drawn here."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

import graphlay

from packhouse.commands.machine_graph.graph import Edge, Graph, Label, Node

_HEIGHT: Final = 36.0
_PER_LETTER: Final = 7.6
_PADDING: Final = 28.0
_TITLE: Final = 34.0
_LEGEND: Final = 30.0
_STYLE: Final = """
text { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; fill: #0f172a; }
.page { fill: #ffffff; }
.title { font-size: 17px; font-weight: 600; }
.name { font-size: 13px; text-anchor: middle; }
.note { font-size: 12px; fill: #475569; }
.state rect { fill: #eef4ff; stroke: #3b5bdb; stroke-width: 1.3; }
.state.born rect { stroke-width: 2.8; }
.state.closed rect { fill: #eceff3; stroke: #64748b; }
.state.aside rect { fill: #fff6e5; stroke: #c77700; }
.move path { fill: none; stroke: #334155; stroke-width: 1.6; }
.move.aside path { stroke: #b4bcc8; stroke-width: 1.2; }
.move.system path { stroke-dasharray: 5 4; }
.move:hover path { stroke: #c2255c; stroke-width: 2.6; }
"""
# Where an order should not go: its moves are drawn pale, so that the way from planned to delivered stands out.
_ASIDE: Final = frozenset(
    {
        "CANCELLATION_WAITING",
        "CANCELLED",
        "NEEDS_RESCHEDULING",
        "OUT_OF_STOCK",
        "STALE_WAITING",
        "BLOCKED",
        "PACKED_FOR_REFUND",
        "DELIVERY_FAILED",
        "ATTEMPTED_DELIVERY",
    }
)
_LOOKS: Final = (
    ("open", "state"),
    ("objects are made in it", "state born"),
    ("needs attention", "state aside"),
    ("closed", "state closed"),
)
_OPTIONS: Final[Mapping[str, Any]] = {
    "direction": "topbottom",
    "routing": {"style": "orthogonal", "merge_edges": "joins"},
}


def draw(graphs: Sequence[Graph]) -> str:
    """One picture of these graphs, one below the other; an arrow tells its transitions when pointed at."""
    parts: list[str] = []
    top = width = 0.0
    for graph in graphs:
        inside, size = _one(graph)
        parts.append(f'<g transform="translate(0 {top:g})">{inside}</g>')
        top, width = top + size[1], max(width, size[0])
    height = top + _LEGEND + _PADDING
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img">'
    )
    page = f'<rect class="page" width="{width:g}" height="{height:g}"/>'
    return (
        "\n".join([head, f"<style>{_STYLE}</style>", _heads(), page, *parts, _legend(top), "</svg>"]) + "\n"
    )


def _heads() -> str:
    """Arrowheads, of the colour of their line."""
    shapes = "".join(
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="11" markerHeight="11" '
        f'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 1 10 5 0 9z" fill="{colour}"/></marker>'
        for name, colour in (("head", "#334155"), ("pale", "#b4bcc8"))
    )
    return f"<defs>{shapes}</defs>"


def _one(graph: Graph) -> tuple[str, tuple[float, float]]:
    used = {name for edge in graph.edges for name in (edge.source, edge.target)} | set(graph.in_place)
    nodes = [node for node in graph.nodes if node.member in used]
    layout = _placed(nodes, graph.edges)
    corner, far = layout.bounds["min"], layout.bounds["max"]
    left, top = _PADDING - corner["x"], _PADDING + _TITLE - corner["y"]
    lines = [
        f'<text class="title" x="{_PADDING:g}" y="{_PADDING + 8:g}">{escape(graph.kind.capitalize())}</text>'
    ]
    lines.append(f'<g transform="translate({left:g} {top:g})">')
    lines += [_arrow(graph, edge, placed) for edge, placed in zip(graph.edges, layout.edges, strict=True)]
    lines += [_box(node, placed) for node, placed in zip(nodes, layout.nodes, strict=True)]
    lines.append("</g>")
    width = far["x"] - corner["x"] + 2 * _PADDING
    return "\n".join(lines), (width, far["y"] - corner["y"] + 2 * _PADDING + _TITLE)


def _placed(nodes: Sequence[Node], edges: Sequence[Edge]) -> graphlay.Layout:
    """States one below the other in the order of their life: the straighter an arrow, the more it weighs."""
    wanted = graphlay.Graph()
    for node in nodes:
        wanted.node(node.member, width=30 + _PER_LETTER * len(node.name), height=_HEIGHT)
    for edge in edges:
        wanted.edge(edge.source, edge.target, weight=0.3 if _is_aside(edge) else 4.0)
    return graphlay.layout(wanted, options=_OPTIONS)


def _is_aside(edge: Edge) -> bool:
    return edge.target in _ASIDE or edge.source in _ASIDE


def _arrow(graph: Graph, edge: Edge, placed: Mapping[str, Any]) -> str:
    looks = " ".join(["move", *(["aside"] if _is_aside(edge) else []), *(["system"] if edge.system else [])])
    head = "pale" if _is_aside(edge) else "head"
    back = f' marker-start="url(#{head})"' if edge.back else ""
    line = f'<path d="{_rounded(placed["points"])}" marker-end="url(#{head})"{back}/>'
    return f'<g class="{looks}"><title>{escape(_told(graph, edge))}</title>{line}</g>'


def _told(graph: Graph, edge: Edge) -> str:
    rows = [f"{graph.name_of(edge.source)} → {graph.name_of(edge.target)}", *_lines(edge.labels)]
    if edge.back:
        rows += ["and back:", *_lines(edge.back)]
    return "\n".join(rows)


def _lines(labels: Sequence[Label]) -> Iterator[str]:
    for label in labels:
        yield f"{label.name} ({label.slug or label.command})"


def _rounded(points: Sequence[Mapping[str, float]]) -> str:
    """The polyline with its corners rounded."""
    steps = [f"M{points[0]['x']:g} {points[0]['y']:g}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        steps.append(f"L{_towards(at, before)}Q{at['x']:g} {at['y']:g} {_towards(at, after)}")
    steps.append(f"L{points[-1]['x']:g} {points[-1]['y']:g}")
    return "".join(steps)


def _towards(at: Mapping[str, float], other: Mapping[str, float], radius: float = 6.0) -> str:
    across, down = other["x"] - at["x"], other["y"] - at["y"]
    length = (across**2 + down**2) ** 0.5
    share = min(radius, length / 2) / length if length else 0.0
    return f"{at['x'] + across * share:g} {at['y'] + down * share:g}"


def _box(node: Node, placed: Mapping[str, Any]) -> str:
    centre, size = placed["center"], placed["size"]
    looks = ["state"]
    if not node.open:
        looks.append("closed")
    elif node.member in _ASIDE:
        looks.append("aside")
    if node.born:
        looks.append("born")
    left, top = centre["x"] - size["width"] / 2, centre["y"] - size["height"] / 2
    return (
        f'<g class="{" ".join(looks)}"><title>{escape(f"{node.member} · {node.value}")}</title>'
        f'<rect x="{left:g}" y="{top:g}" width="{size["width"]:g}" height="{size["height"]:g}" rx="8"/>'
        f'<text class="name" x="{centre["x"]:g}" y="{centre["y"] + 4.5:g}">{escape(node.name)}</text></g>'
    )


def _legend(top: float) -> str:
    parts, left = [f'<g transform="translate({_PADDING:g} {top:g})">'], 0.0
    for text, looks in _LOOKS:
        parts.append(
            f'<g class="{looks}"><rect x="{left:g}" y="0" width="26" height="16" rx="5"/></g>'
            f'<text class="note" x="{left + 33:g}" y="12">{escape(text)}</text>'
        )
        left += 60 + 6.6 * len(text)
    parts.append(
        f'<g class="move system"><path d="M{left:g} 8h30" marker-end="url(#head)"/></g>'
        f'<text class="note" x="{left + 38:g}" y="12">by the system alone</text></g>'
    )
    return "".join(parts)
