"""The graph in the DOT language of Graphviz."""

from collections.abc import Iterable

from packhouse.commands.machine_graph.graph import Edge, Graph, Label


def draw(graph: Graph) -> str:
    """A `digraph`. Bold: objects are made in it; grey: closed; dashed: the system alone; two heads: and back."""
    lines = [
        f"digraph {graph.kind} {{",
        '    node [shape=box, style="rounded,filled", fillcolor="#eef4ff", fontname="Helvetica"]',
        '    edge [fontname="Helvetica", fontsize=10]',
    ]
    for node in graph.nodes:
        facts = [f"label={_quoted(node.name)}", f"tooltip={_quoted(f'{node.member} {node.value}')}"]
        facts += ["penwidth=2"] if node.born else []
        facts += ['fillcolor="#eceff3"'] if not node.open else []
        lines.append(f"    {node.member} [{', '.join(facts)}]")
    lines += [f"    {edge.source} -> {edge.target} [{', '.join(_facts(edge))}]" for edge in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _facts(edge: Edge) -> Iterable[str]:
    yield f"label={_quoted(_names((*edge.labels, *edge.back)))}"
    if edge.back:
        yield "dir=both"
    if edge.system:
        yield "style=dashed"


def _names(labels: Iterable[Label]) -> str:
    return "\n".join(dict.fromkeys(label.name for label in labels))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
