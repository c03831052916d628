"""How `retry_countdown_config` is checked: both keys needed, errors under `kwargs` by key."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from packhouse.webhooks.plumbing import StrictSerializer

LARGEST: Final = 10**9


class NumberField(serializers.Field[Any, Any, Any, Any]):
    """A JSON number, whole or not, between `least` and a billion; kept as it was sent."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("A valid number is required."),
        "min_value": _("Ensure this value is greater than or equal to {least}."),
        "max_value": _("Ensure this value is less than or equal to {largest}."),
    }

    def __init__(self, *, least: float = 0, **kwargs: Any) -> None:
        self._least = least
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int | float:
        if isinstance(data, bool) or not isinstance(data, int | float) or not isfinite(data):
            self.fail("invalid")
        if data < self._least:
            self.fail("min_value", least=self._least)
        if data > LARGEST:
            self.fail("max_value", largest=LARGEST)
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class FixedKwargs(StrictSerializer):
    seconds = NumberField()


class LinearKwargs(StrictSerializer):
    base = NumberField()
    limit = NumberField(required=False, allow_null=True)


class ExponentialKwargs(StrictSerializer):
    base = NumberField()
    factor = NumberField(least=1, required=False)
    limit = NumberField(required=False, allow_null=True)


class RandomKwargs(StrictSerializer):
    min_value = serializers.IntegerField(min_value=0, max_value=LARGEST)
    max_value = serializers.IntegerField(min_value=0, max_value=LARGEST)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["max_value"] <= attrs["min_value"]:
            raise serializers.ValidationError(_("'max_value' must be greater than 'min_value'."))
        return attrs


KWARGS: Final[Mapping[str, type[Any]]] = {
    "fixed": FixedKwargs,
    "linear": LinearKwargs,
    "exponential": ExponentialKwargs,
    "random": RandomKwargs,
}


class CountdownSerializer(StrictSerializer):
    choice = serializers.ChoiceField(choices=list(KWARGS))
    kwargs = serializers.DictField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kwargs = KWARGS[attrs["choice"]](data=attrs["kwargs"])
        if not kwargs.is_valid():
            raise serializers.ValidationError({"kwargs": kwargs.errors})
        return {"choice": attrs["choice"], "kwargs": dict(kwargs.validated_data)}


@extend_schema_field(CountdownSerializer)
class CountdownField(serializers.JSONField):
    """`{"choice", "kwargs"}`, whole also where only some keys of the hook are sent."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        countdown = CountdownSerializer(data=data)
        if not countdown.is_valid():
            raise serializers.ValidationError(countdown.errors)
        return dict(countdown.validated_data)
