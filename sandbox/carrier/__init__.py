"""A carrier's adaptor that keeps the whole shipment contract and moves its shipments along a script."""
