"""Verbs: one file per command, named like its row in the specification (page 20)."""
