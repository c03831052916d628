"""What all descriptions share."""

from typing import Any, ClassVar

from rest_framework import serializers

from packhouse.api.serializers import StrictSerializer


class Shape(StrictSerializer):
    """Describes a document built elsewhere. Its keys are read only but those in `writable`."""

    writable: ClassVar[frozenset[str]] = frozenset()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, field in fields.items():
            if name not in self.writable:
                field.read_only, field.required = True, False
        return fields


def money(**kwargs: Any) -> serializers.DecimalField:
    """An amount with two places, a string on the wire."""
    return serializers.DecimalField(max_digits=16, decimal_places=2, **kwargs)


def coordinate() -> serializers.DecimalField:
    """Degrees with eight places, a string on the wire."""
    return serializers.DecimalField(max_digits=12, decimal_places=8, allow_null=True)


def free(**kwargs: Any) -> serializers.DictField:
    """An object whose keys belong to the brand."""
    return serializers.DictField(**kwargs)


def some_text(**kwargs: Any) -> serializers.CharField:
    """A text that may not be there yet."""
    return serializers.CharField(allow_null=True, **kwargs)


def some_number(**kwargs: Any) -> serializers.IntegerField:
    """A whole number, mostly an id, that may not be there yet."""
    return serializers.IntegerField(allow_null=True, **kwargs)


def units(**kwargs: Any) -> serializers.FloatField:
    """Whole units, or kilograms with up to three places."""
    return serializers.FloatField(**kwargs)


def id_list() -> serializers.ListField:
    """Several ids."""
    return serializers.ListField(child=serializers.IntegerField())


def text_list() -> serializers.ListField:
    """Several texts."""
    return serializers.ListField(child=serializers.CharField())
