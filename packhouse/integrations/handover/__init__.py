"""Codes on their way to customers who fetch a package (page 80, 4)."""
