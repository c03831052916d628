"""What the commands do, once the house is open. Only loaded by `packhouse.cli.house.action`."""
