"""What mends exceptions of webhooks."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from packhouse.kernel.errors import TransitionRefused
from packhouse.kernel.models import ExceptionEntry
from packhouse.kernel.remedies import Remedy, id_in
from packhouse.webhooks import letters
from packhouse.webhooks.models import Delivery, DeliveryState
from packhouse.webhooks.recording import DEAD_LETTERS, GONE


def _replay(entry: ExceptionEntry) -> None:
    dead = Delivery.objects.filter(hook=id_in(entry), state=DeliveryState.DEAD).order_by("pk")
    ids = list(dead.values_list("pk", flat=True)[: letters.MOST_REPLAYED])
    if not letters.replay(ids, delivered=False):
        raise TransitionRefused(
            {"subject": [str(_("Switch the hook on first; then its dead letters can go out."))]}
        )


REMEDIES: Final[Mapping[str, Remedy]] = {
    DEAD_LETTERS: Remedy(_("Its dead letters are sent once more."), try_again=_replay, settles=True),
    GONE: Remedy(_("The receiver said that it is gone: switch the hook on again when it is back.")),
}
