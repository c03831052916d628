"""Bases of serializers: unknown keys are refused, read-only ones ignored, times are the house's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic import ValidationError as ShapeError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from packhouse.kernel.secrets import IsSecret, mask, merge, seal, unseal
from packhouse.kernel.times import parse_time
from packhouse.kernel.wire import timestamp


class TimeField(serializers.DateTimeField):
    """UTC with microseconds out; any offset in, a naive time in the installation's zone."""

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_time(str(value))
        except ValueError:
            raise ValidationError(_("Send a time as in 2026-03-02T09:00:00Z.")) from None

    def to_representation(self, value: Any) -> str:
        return value if isinstance(value, str) else timestamp(value)


class FlagField(serializers.BooleanField):
    """A flag that a form leaves out has its default, as in JSON."""

    default_empty_html = serializers.empty


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys that it does not have."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                text = ErrorDetail(_("This key is not known."), code="unknown_parameter")
                raise ValidationError({name: [text] for name in unknown})
        return super().to_internal_value(data)


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """As `StrictSerializer`, made from a model."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BooleanField: FlagField,
        models.DateTimeField: TimeField,
    }


class SealedField(serializers.JSONField):
    """A JSON object with secrets inside: shown masked, stored sealed; a mask sent back keeps what is stored."""

    def __init__(self, *, shape: type[BaseModel], is_secret: IsSecret, **kwargs: Any) -> None:
        self._shape = shape
        self._is_secret = is_secret
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> Any:
        return mask(value, self._is_secret)

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        if not isinstance(given, Mapping):
            raise ValidationError(_("Send an object."))
        stored = getattr(getattr(self.parent, "instance", None), str(self.source), {})
        known = unseal(stored, self._is_secret)
        complete = merge(given, known, self._is_secret, root=str(self.field_name))
        try:
            self._shape.model_validate(complete)
        except ShapeError as error:
            raise ValidationError(errors_by_path(error)) from None
        return seal(complete, self._is_secret)


def errors_by_path(error: ShapeError) -> dict[str, Any]:
    """Pydantic's findings by path."""
    texts: dict[str, Any] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in detail["loc"]) or "non_field_errors"
        texts.setdefault(path, []).append(detail["msg"].removeprefix("Value error, "))
    return texts
