"""Neighbours of Packhouse for demo, tests and integrators.

Omnitron, a carrier, an invoice service and a webhook receiver, each a small server in its own process.
Nothing here imports the product: the sandboxes know the wire, not the code behind it.
"""
