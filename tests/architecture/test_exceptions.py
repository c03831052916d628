"""Every kind of exception that the house reports has a remedy, or a word on why there is none."""

import ast
from collections.abc import Iterator

from packhouse.kernel import remedies
from tests.architecture.house import Source, sources


def reported() -> Iterator[tuple[str, str]]:
    """(file, kind) of every call that names a kind, as a text or by a constant."""
    found = list(sources("packhouse"))
    constants = {name: value for source in found for name, value in texts(source.tree)}
    for source in found:
        own = dict(texts(source.tree))
        for call in ast.walk(source.tree):
            kind = kind_of(call) if isinstance(call, ast.Call) else None
            if isinstance(kind, ast.Constant):
                yield source.path, str(kind.value)
            elif isinstance(kind, ast.Attribute) and isinstance(kind.value, ast.Name):
                yield source.path, dict(texts(module(found, kind.value.id)))[kind.attr]
            elif isinstance(kind, ast.Name) and (text := own.get(kind.id, constants.get(kind.id))):
                yield source.path, text


def module(found: list[Source], name: str) -> ast.AST:
    """The one module of this name that has a kind of its own."""
    return next(
        each.tree for each in found if each.path.endswith(f"/{name}.py") and "KIND" in dict(texts(each.tree))
    )


def texts(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The constants of a module that are texts."""
    for node in getattr(tree, "body", []):
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((target.id, value.value) for target in targets if isinstance(target, ast.Name))


def kind_of(call: ast.Call) -> ast.expr | None:
    """The argument that is a kind: of `exceptions.report`, and of what guards jobs."""
    function = ast.unparse(call.func)
    position = {"exceptions.report": 0, "guarded": 0, "careful": 1}.get(function)
    return call.args[position] if position is not None and len(call.args) > position else None


def test_every_kind_has_a_remedy() -> None:
    found = list(reported())

    assert len({kind for _file, kind in found}) > 25
    missing = [f"{file} reports {kind}" for file, kind in found if kind not in remedies.kinds()]
    assert not missing, (
        f"Say in the remedies.py of its floor what mends it, by trying again or by a person: {missing}"
    )


def test_no_remedy_is_for_what_nobody_reports() -> None:
    assert remedies.kinds() - {kind for _file, kind in reported()} == set()


def test_what_cannot_be_tried_again_says_what_to_do() -> None:
    silent = [
        kind
        for kind in sorted(remedies.kinds())
        if remedies.remedy_of(kind).try_again is None and not str(remedies.remedy_of(kind).advice)
    ]

    assert silent == []
