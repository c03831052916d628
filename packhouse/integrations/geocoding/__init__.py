"""Services that know where an address is."""
