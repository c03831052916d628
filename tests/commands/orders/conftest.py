"""Ids of the documents here are small; rows that builders make keep out of their way."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests import builders


@pytest.fixture(scope="session", autouse=True)
def _ids_apart() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builders, "_number", count(10_000_000))
        yield
