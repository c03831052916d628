"""Every job of an outside system; found here by the job queue when it starts."""

from packhouse.integrations.carriers import tasks as carriers

__all__ = ["carriers"]
