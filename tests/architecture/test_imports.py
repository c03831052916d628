"""Who may import whom. The contracts are in pyproject.toml; here stands what they cannot say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import REPOSITORY, Source, contract, floors, imported, paths, sources

BANNED_NAMES = {"util", "utils", "helper", "helpers", "misc", "manager", "managers", "core", "common"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def test_the_import_contracts_are_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run(
        [program, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_pure_planning_is_kept_from_every_floor_below_it() -> None:
    below = {name for name, height in floors().items() if height < floors()["packhouse.planning"]}
    assert below <= set(contract("pure-planning")["forbidden_modules"])


def test_sandboxes_know_packhouse_over_http_only() -> None:
    assert list(imports_of("packhouse", sources("sandbox"))) == []
    assert list(imports_of("config", sources("sandbox"))) == []


def test_imports_stand_at_the_top_of_the_file() -> None:
    assert list(late_imports(sources("packhouse", "config", "sandbox"))) == []


def test_files_are_named_after_what_is_in_them() -> None:
    names = [path for path in paths("packhouse", "config", "sandbox") if has_empty_name(path)]
    assert names == [], f"Name the file after its subject, not {sorted(BANNED_NAMES)}"


@pytest.mark.parametrize(
    ("path", "text", "late"),
    [
        ("packhouse/a.py", "import os", False),
        ("packhouse/a.py", "def f():\n    import os", True),
        (
            "packhouse/a.py",
            "class A:\n    async def f(self):\n        if 1:\n            from os import path",
            True,
        ),
        (
            "packhouse/a/apps.py",
            "class A:\n    def ready(self):\n        from packhouse.a import registry",
            False,
        ),
        (
            "packhouse/a/views.py",
            "class A:\n    def ready(self):\n        from packhouse.a import registry",
            True,
        ),
    ],
)
def test_a_late_import_is_seen(path: str, text: str, late: bool) -> None:
    assert bool(list(late_imports([Source(path, ast.parse(text))]))) is late


@pytest.mark.parametrize(
    ("path", "empty"),
    [
        ("packhouse/orders/utils.py", True),
        ("packhouse/core/models.py", True),
        ("packhouse/orders/services.py", False),
    ],
)
def test_an_empty_name_is_seen(path: str, empty: bool) -> None:
    assert has_empty_name(path) is empty


@pytest.mark.parametrize(
    "text", ["import packhouse.orders", "from packhouse import orders", "import packhouse"]
)
def test_an_import_of_packhouse_is_seen(text: str) -> None:
    assert list(imports_of("packhouse", [Source("sandbox/a.py", ast.parse(text))])) == ["sandbox/a.py:1"]


def imports_of(package: str, files: Iterator[Source] | list[Source]) -> Iterator[str]:
    for source in files:
        for node in ast.walk(source.tree):
            if any(name.split(".")[0] == package for name in imported(node)):
                yield f"{source.path}:{getattr(node, 'lineno', 0)}"


def late_imports(files: Iterator[Source] | list[Source]) -> Iterator[str]:
    """Imports inside functions: each hides a dependency on a wrong floor. Django's own place for imports
    that need loaded models, `ready` of an app, is no hiding place."""
    for source in files:
        for function in ast.walk(source.tree):
            if not isinstance(function, FUNCTIONS) or is_ready_of_an_app(source, function):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{source.path}:{node.lineno} imports inside a function"


def is_ready_of_an_app(source: Source, function: ast.AST) -> bool:
    return source.path.endswith("/apps.py") and getattr(function, "name", "") == "ready"


def has_empty_name(path: str) -> bool:
    return bool(BANNED_NAMES & set(Path(path).with_suffix("").parts))
