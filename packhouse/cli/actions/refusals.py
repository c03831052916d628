"""Refusals of the house as messages of the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from packhouse.kernel.errors import PackhouseError


@contextmanager
def explained() -> Iterator[None]:
    """Turn a PackhouseError of the block into one line per field."""
    try:
        yield
    except PackhouseError as refusal:
        lines = [f"{path}: {' '.join(texts)}" for path, texts in refusal.errors.items()]
        raise click.ClickException("\n".join(lines)) from refusal
