"""Jobs of carriers and of the invoice service; the job queue finds them here when it starts."""

from packhouse.integrations.carriers import tasks as carriers
from packhouse.integrations.invoicing import tasks as invoicing

__all__ = ["carriers", "invoicing"]
