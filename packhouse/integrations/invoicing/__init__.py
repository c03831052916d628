"""The customer's invoice service: what it is asked, and what follows from its answers (page 80, 1)."""
