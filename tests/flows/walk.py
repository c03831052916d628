"""Reads the walk in docs/flow.md: what a reader types into a shell, and what the page says is answered.

The page keeps to a few forms, each a line of shell (a body may go over several): `oms METHOD ADDRESS [BODY]`,
the same through `jq`, `NAME=$(…)` around either, `sleep N`; below a call, as comments, the answer.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "flow.md"
HEADING = "## A walk with curl"
_ASSIGNMENT = re.compile(r"(\w+)=\$\((.*)\)", re.DOTALL)
_STATUS = re.compile(r"(\d{3})\b *(.*)", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One command of the page. `query`: what jq picks of the answer; `name`: the variable it is kept in."""

    text: str
    method: str = ""
    address: str = ""
    body: str | None = None
    query: str | None = None
    name: str | None = None
    status: int | None = None
    answer: str | None = None

    @property
    def waits(self) -> bool:
        return not self.method


def steps() -> list[Step]:
    """The commands of the page's walk, in order."""
    text = PAGE.read_text(encoding="utf-8").split(HEADING)[1].split("\n## ")[0]
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    return [step for block in blocks for step in _of_block(block.splitlines())]


def _of_block(lines: list[str]) -> Iterator[Step]:
    position = 0
    while position < len(lines):
        command = lines[position]
        position += 1
        while command.count("'") % 2:
            command, position = f"{command}\n{lines[position]}", position + 1
        said = []
        while position < len(lines) and lines[position].startswith("# "):
            said.append(lines[position].removeprefix("# ").strip())
            position += 1
        if command.strip() and not command.startswith(("OMS=", "TOKEN=", "oms()")):
            yield _step(command, " ".join(said))


def _step(command: str, said: str) -> Step:
    if command.startswith("sleep "):
        return Step(command)
    assigned = _ASSIGNMENT.fullmatch(command)
    call = assigned[2] if assigned else command
    words = shlex.split(call)
    query = None
    if "|" in words:
        cut = words.index("|")
        assert words[cut + 1] == "jq", f"the walk knows jq alone: {command}"
        words, query = words[:cut], words[-1]
    assert words[0] == "oms", f"the walk knows no other command: {command}"
    status = _STATUS.match(said) if not query else None
    return Step(
        text=command,
        method=words[1],
        address=words[2],
        body=words[3] if len(words) > 3 else None,
        query=query,
        name=assigned[1] if assigned else None,
        status=int(status[1]) if status else None,
        answer=(status[2] if status else said) or None,
    )


def filled(text: str, names: Mapping[str, Any]) -> str:
    """Shell variables replaced; one that nobody has set is an error."""
    return re.sub(r"\$(\w+)", lambda found: str(names[found[1]]), text)


def picked(document: Any, query: str) -> Any:
    """What jq picks: a path (`.a[0].b`, `.a[].b`), or a list of paths in brackets."""
    query = query.strip()
    if query.startswith("[") and query.endswith("]"):
        return [value for part in _parts(query[1:-1]) for value in _path(document, part)]
    (value,) = _path(document, query)
    return value


def _parts(text: str) -> Iterator[str]:
    """Split at commas outside brackets."""
    depth, part = 0, ""
    for letter in text:
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()


def _path(document: Any, path: str) -> list[Any]:
    if path.startswith("["):
        return [picked(document, path)]
    found = [document]
    for key, index in re.findall(r"\.(\w+)|\[(\d*)\]", path):
        if key:
            found = [value[key] for value in found]
        elif index:
            found = [value[int(index)] for value in found]
        else:
            found = [each for value in found for each in value]
    return found


def as_json(text: str) -> Any:
    return json.loads(text)
