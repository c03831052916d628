"""Carriers: adaptors that talk to them, and what follows from their answers (page 80, 2)."""
