"""Asking the engines of `STOCK_INTEGRATION`, all at the same time."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from django.db import connection

from packhouse.integrations.stock import plugins, service
from packhouse.inventory.ports import Question, Reply, StockRow
from packhouse.kernel import settings_store
from packhouse.kernel.errors import PackhouseError

log = logging.getLogger(__name__)

AT_ONCE: Final = 8

Rows = tuple[StockRow, ...]
Work = Callable[[], Rows]


class Engines:
    """The stock engines that inventory names in its ports."""

    def ask(self, questions: Sequence[Question]) -> list[Reply]:
        """One reply each, in order; a part of an engine that does not answer leaves all of it unknown."""
        known = {each["engine"]: each for each in settings_store.get("STOCK_INTEGRATION")}
        works = [_works(known.get(question.engine), question) for question in questions]
        done = iter(_all([work for several in works for work in several]))
        return [
            _reply(question, [next(done) for _ in several])
            for question, several in zip(questions, works, strict=True)
        ]


def _works(configuration: Mapping[str, Any] | None, question: Question) -> list[Work]:
    if configuration is None:
        return [partial(_refuse, f"STOCK_INTEGRATION has no engine {question.engine}.")]
    if configuration["python"] is not None:
        return [partial(plugins.ask, configuration["python"], question)]
    return [*service.calls(configuration, question)]


def _refuse(text: str) -> Rows:
    raise PackhouseError(text)


def _all(works: Sequence[Work]) -> list[Rows | str]:
    """Rows, or the text of what went wrong."""
    if len(works) == 1:
        return [_one(works[0])]
    with ThreadPoolExecutor(min(AT_ONCE, len(works)), thread_name_prefix="stock") as pool:
        return list(pool.map(_in_a_thread, works))


def _in_a_thread(work: Work) -> Rows | str:
    try:
        return _one(work)
    finally:
        connection.close()


def _one(work: Work) -> Rows | str:
    try:
        return work()
    except PackhouseError as failure:
        log.warning("a stock engine gives no answer: %s", failure)
        return failure.text


def _reply(question: Question, parts: Sequence[Rows | str]) -> Reply:
    rows: list[StockRow] = []
    for part in parts:
        if isinstance(part, str):
            return Reply(question, problem=part)
        rows += part
    return Reply(question, tuple(rows))
