"""A webhook receiver done right: checks signatures over the raw bytes, drops repeats, watches the order."""
