"""What may run now on an object."""

from rest_framework import serializers

from packhouse.api.v1.shapes.shape import Shape


class TargetStateSerializer(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    enum_value = serializers.CharField()


class RunnableCommandSerializer(Shape):
    """A transition that the caller may run now; `input_parameters` is the JSON Schema of what it takes."""

    transition = serializers.IntegerField()
    slug = serializers.CharField()
    command = serializers.CharField()
    name = serializers.CharField()
    target_state = TargetStateSerializer(allow_null=True)
    input_parameters = serializers.DictField()
