"""What SQL does to the database."""

import re

# Begins with a word that writes or locks (a WITH may hold one in its brackets), or locks the rows that it reads.
WRITES = re.compile(
    r"(^|\()\s*(INSERT|UPDATE|DELETE|MERGE|COPY|LOCK|TRUNCATE|CREATE|ALTER|DROP)\b|\bFOR (NO KEY )?UPDATE\b|\bFOR (KEY )?SHARE\b",
    re.IGNORECASE,
)


def writing(statements: list[str]) -> list[str]:
    """Those of `statements` that write or lock."""
    return [sql for sql in statements if WRITES.search(sql)]
