"""The Omnitron sandbox: the commerce back office at the far side of the wire.

It stores what it is told and answers it again. `app.create()` makes one for a test, `cli.omnitron` runs one as a
process of its own.
"""
