"""The HTTP API: an edge above everything but its neighbours (page 50 of the specification)."""
