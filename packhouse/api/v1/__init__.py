"""Version 1: keys, filters and enum values are only added."""
