"""Users: who may call, and where they work."""
