"""The forms in which the machine is shown."""

import json
from collections.abc import Sequence
from typing import Final

from packhouse.commands.machine_graph import dot, mermaid, svg
from packhouse.commands.machine_graph.graph import Graph

FORMATS: Final = ("json", "dot", "mermaid", "svg")


def drawn(graphs: Sequence[Graph], chosen: str) -> str:
    """The graphs as text in one of `FORMATS`."""
    if chosen == "json":
        return json.dumps({"graphs": [graph.wire() for graph in graphs]}, ensure_ascii=False, indent=2) + "\n"
    if chosen == "dot":
        return "\n".join(dot.draw(graph) for graph in graphs)
    return mermaid.draw(graphs) if chosen == "mermaid" else svg.draw(graphs)
