"""Hardware templates: validation and what applying one to a station makes (platform-api 6)."""
