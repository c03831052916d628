"""Databases and folders of the command line's tests."""

from tests.cli.conftest import environment, folder, own_database

__all__ = ["environment", "folder", "own_database"]
