"""Dates and times as each language writes them; Django reads these before its own (FORMAT_MODULE_PATH)."""

# A day as people here type it, in either language; Django's English would take 4.5.2020 for April.
DAYS_TYPED = ["%Y-%m-%d", "%Y.%m.%d", "%Y %m %d", "%d.%m.%Y"]
