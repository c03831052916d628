"""Stock engines beside the internal one: the brand's service over HTTP, or its plug-in."""
