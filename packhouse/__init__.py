"""Packhouse: an order management system. Nouns below, verbs above; see docs/architecture.md."""

__version__ = "0.1.0"
