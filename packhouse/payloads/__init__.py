"""The published JSON documents (page 50), one builder per family for API, webhooks and feed alike.

Each module holds the columns of its object beside the function that finishes a row, so that a key is named
once. The SQL gives a whole tree per object as JSON text, keys in the published order; Python finishes what
JSON from PostgreSQL cannot say (six digits in times, states, addresses of files). Keys that Python fills
stand as `NULL AS key` in the columns.

Documents may share parts with each other and with caches: replace top-level keys, change nothing below.
"""
