"""Descriptions of the published documents: for OPTIONS, the schema and the columns of exports.

The documents themselves are built by `packhouse.payloads`; a test holds each description against them.
"""
