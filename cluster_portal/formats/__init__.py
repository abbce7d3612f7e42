"""Dates and times as each language writes them; Django reads these before its own (FORMAT_MODULE_PATH)."""
