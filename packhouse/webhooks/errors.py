"""Refusals of the published hook library, by its codes: status 406, `{"code", "en"}`."""

from packhouse.kernel.errors import NotFound, PackhouseError


class WebhookMissing(NotFound):
    """There is no such hook, or it is another user's."""

    code = "webhook_100_1"


class AlreadyRegistered(PackhouseError):
    """The same owner, address and event type again."""

    code = "webhook_100_2"
    status = 406

    def __init__(self) -> None:
        super().__init__("Webhook already registered")


class EventMissing(NotFound):
    """There is no such delivery, or it is of another user's hook."""

    code = "event_100_1"


class AlreadyDelivered(PackhouseError):
    """Nothing is left to retry or skip; a replay sends it again."""

    code = "event_100_3"
    status = 406

    def __init__(self) -> None:
        super().__init__("Webhook event already delivered")


class StillInRetryProcess(PackhouseError):
    """It is being retried by itself, or an attempt is under way this moment."""

    code = "event_100_6"
    status = 406

    def __init__(self) -> None:
        super().__init__("Webhook event still in retry process")


class Blanked(PackhouseError):
    """The body was blanked when a customer was anonymised, and is not sent again."""

    code = "undefined"
    status = 406

    def __init__(self) -> None:
        super().__init__("Webhook event was anonymised")
