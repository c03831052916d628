"""The back office: its orders are copied, its webhooks received, its order items told their status."""
