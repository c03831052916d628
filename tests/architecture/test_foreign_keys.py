"""Foreign keys point down, like imports, which the import contract cannot see."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.db.models.fields.related import RelatedField
from django.test.utils import isolate_apps

from packhouse.catalog.models import Channel
from packhouse.packages.models import Package
from tests.architecture.house import floors


def stands_in(model: type[models.Model]) -> str:
    """The package of a model on its floor; an app below it (integrations.omnitron) stands on the same."""
    return package_of(model._meta.app_config.name)


def package_of(app: str) -> str:
    return ".".join(app.split(".")[:2])


def relations(model: type[models.Model]) -> list[RelatedField]:
    own = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field for field in own if isinstance(field, RelatedField)]


def complaints(found: Iterable[type[models.Model]]) -> list[str]:
    """A sentence for every foreign key between apps of packhouse that points up, aside, or backwards."""
    heights = floors()
    said = []
    for model in found:
        app = stands_in(model)
        for field in relations(model):
            target = stands_in(field.related_model)
            if app == target or app not in heights or target not in heights:
                continue
            if heights[target] >= heights[app]:
                said.append(
                    f"{model.__name__}.{field.name}: {app} may not point at {target}, which is not below it. "
                    "Turn the relation round, or keep the id as a plain value."
                )
            if not field.remote_field.hidden:
                said.append(
                    f'{model.__name__}.{field.name}: say related_name="+", '
                    f"so that {target} knows nothing of {app}; read it through a selector of {app}."
                )
    return said


def test_foreign_keys_point_down_and_are_hidden_below() -> None:
    assert complaints(apps.get_models(include_auto_created=True)) == []


def test_every_app_of_packhouse_stands_on_a_floor() -> None:
    ours = {config.name for config in apps.get_app_configs() if config.name.startswith("packhouse.")}
    assert {package_of(name) for name in ours} <= set(floors())


@isolate_apps("packhouse.locations", "packhouse.packages", "packhouse.shipments")
@pytest.mark.parametrize(
    ("app", "target", "related_name", "complaint"),
    [
        (
            "locations",
            Package,
            "+",
            "packhouse.locations may not point at packhouse.packages",
        ),
        ("packages", Channel, None, 'say related_name="+"'),
        ("packages", Channel, "+", None),
        ("packages", Package, None, None),
    ],
)
def test_the_check_sees_what_it_is_for(
    app: str, target: type[models.Model], related_name: str | None, complaint: str | None
) -> None:
    meta = type("Meta", (), {"app_label": app})
    key = models.ForeignKey(target, on_delete=models.CASCADE, related_name=related_name)
    model = type(
        "Wrong", (models.Model,), {"Meta": meta, "__module__": f"packhouse.{app}.models", "key": key}
    )

    said = complaints([model])

    assert [complaint in sentence for sentence in said if complaint] == ([True] if complaint else [])
    assert len(said) == (1 if complaint else 0)
