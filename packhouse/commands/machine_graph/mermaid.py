"""The graph as a Mermaid state diagram: shown by many forges and editors where it stands in Markdown."""

from collections.abc import Iterable, Sequence

from packhouse.commands.machine_graph.graph import Edge, Graph, Label


def draw(graphs: Sequence[Graph]) -> str:
    """A `stateDiagram-v2`, several graphs side by side in it; what the system does by itself in brackets."""
    if len(graphs) == 1:
        return "\n".join(["stateDiagram-v2", *_inside(graphs[0], "    ", "")]) + "\n"
    lines = ["stateDiagram-v2"]
    for graph in graphs:
        lines.append(f'    state "{graph.kind.capitalize()}" as {graph.kind} {{')
        lines += _inside(graph, "        ", f"{graph.kind}_")
        lines.append("    }")
    return "\n".join(lines) + "\n"


def _inside(graph: Graph, indent: str, prefix: str) -> Iterable[str]:
    """`prefix` keeps states of two graphs apart that have the same name."""
    for node in graph.nodes:
        yield f'{indent}state "{_text(node.name)}" as {prefix}{node.member}'
    for node in graph.nodes:
        if node.born:
            yield f"{indent}[*] --> {prefix}{node.member}"
    for edge in graph.edges:
        for source, target, names in _arrows(edge):
            yield f"{indent}{prefix}{source} --> {prefix}{target} : {names}"
    targets = {edge.target for edge in graph.edges}
    for node in graph.nodes:
        if not node.open and node.member in targets:
            yield f"{indent}{prefix}{node.member} --> [*]"


def _arrows(edge: Edge) -> Iterable[tuple[str, str, str]]:
    yield edge.source, edge.target, _names(edge.labels, edge.system)
    if edge.back:
        yield edge.target, edge.source, _names(edge.back, edge.system)


def _names(labels: Iterable[Label], system: bool) -> str:
    names = ", ".join(dict.fromkeys(_text(label.name) for label in labels))
    return f"({names})" if system else names


def _text(name: str) -> str:
    """Without what Mermaid reads as its own."""
    return " ".join(name.replace('"', "'").replace(":", " ").replace(";", ",").replace("#", " ").split())
