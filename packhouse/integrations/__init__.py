"""Everything that talks to systems outside: the back office, carriers, invoice services."""
