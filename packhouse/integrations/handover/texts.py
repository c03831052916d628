"""What a customer reads."""

from datetime import timedelta
from typing import Final

_TEXTS: Final = {
    "tr": "{number} numaralı siparişinizi teslim almak için kodunuz: {code} ({minutes} dakika geçerlidir).",
    "en": "Your code to collect order {number}: {code} (valid for {minutes} minutes).",
}


def message_for(language: str, code: str, number: str, lasts: timedelta) -> str:
    """`language` is `tr` or `en`."""
    minutes = max(1, round(lasts.total_seconds() / 60))
    return _TEXTS[language].format(code=code, number=number, minutes=minutes)
