"""The tests: packages, so that two files may have the same name."""
