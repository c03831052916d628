"""The floors of the house, read from the import contract, and the source files on them."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """A Python file, by its path in the repository, and its syntax tree."""

    path: str
    tree: ast.Module


@cache
def floors() -> dict[str, int]:
    """The floor of every package of packhouse, 0 at the bottom; siblings share a floor."""
    names = {}
    for height, layer in enumerate(reversed(contract("floors")["layers"])):
        for name in layer.split("|"):
            names[f"packhouse.{name.strip().strip('()')}"] = height
    return names


def contract(identity: str) -> dict[str, list[str]]:
    """One import contract as it stands in pyproject.toml."""
    configuration = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    contracts = configuration["tool"]["importlinter"]["contracts"]
    return next(each for each in contracts if each["id"] == identity)


def sources(*folders: str) -> Iterator[Source]:
    """The Python files below folders of the repository, parsed."""
    for path in paths(*folders):
        yield Source(path, ast.parse((REPOSITORY / path).read_text(), path))


def paths(*folders: str) -> list[str]:
    """The paths in the repository of the Python files below folders."""
    found = [path for folder in folders for path in (REPOSITORY / folder).rglob("*.py")]
    return sorted(str(path.relative_to(REPOSITORY)) for path in found)


def imported(node: ast.AST) -> list[str]:
    """The modules an import statement names, empty for any other statement."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []
