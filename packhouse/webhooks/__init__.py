"""Webhooks out: subscriptions, their deliveries and retries, and the feed of events (docs/webhooks.md)."""
