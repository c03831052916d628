"""What a command is called with: the body of `command/`, its lines in bulk, and examples (page 20)."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from packhouse.api.v1.shapes.command_examples import EXAMPLES
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text


class CommandBodySerializer(Shape):
    """`transition` or `slug`, at least one; `slug` may also be a command's code or class name.

    Parameters stand in `input_parameters`; at top level they are accepted too.
    """

    writable = frozenset({"package", "transfer", "transition", "slug", "input_parameters"})

    package = serializers.IntegerField(required=False, help_text="must equal the address")
    transfer = serializers.IntegerField(required=False, help_text="must equal the address")
    transition = serializers.IntegerField(required=False, help_text="id of an installed transition")
    slug = serializers.CharField(
        required=False, help_text="slug of an installed transition, or a command code"
    )
    input_parameters = serializers.DictField(required=False, help_text="what the command takes")


class CommandLineSerializer(CommandBodySerializer):
    """One line of a bulk call: a command body with the object's id."""

    writable = CommandBodySerializer.writable | {"idempotency_key"}

    idempotency_key = serializers.CharField(required=False, max_length=255)


class LineResultSerializer(Shape):
    """How one line of a bulk call ended. `package` (or `transfer`) is the id it named."""

    index = serializers.IntegerField()
    package = some_number()
    status_code = serializers.IntegerField()
    error = serializers.DictField(allow_null=True)
    code = some_text()
    data = serializers.DictField(allow_null=True)  # type: ignore[assignment]


BULK = [
    {"package": 501, **EXAMPLES["CompletePackagingCommand"], "idempotency_key": "pack-501"},
    {"package": 502, **EXAMPLES["ShipThePackageCommand"]},
]

command_schema = extend_schema(
    request=CommandBodySerializer,
    responses={
        204: OpenApiResponse(description="Done."),
        200: OpenApiResponse(OpenApiTypes.OBJECT, description="Done; the command answers with a body."),
    },
)
bulk_schema = extend_schema(
    request=CommandLineSerializer(many=True),
    examples=[OpenApiExample("Two packages", BULK, request_only=True)],
    responses={200: LineResultSerializer(many=True)},
)
