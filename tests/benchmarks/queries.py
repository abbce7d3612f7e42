"""Counts a page's queries: `python -m tests.benchmarks.queries PATHS DATABASES`, both separated by spaces.

Prints JSON: for every path and database the number of queries of a second visit, the statements that write, and the cookies.
"""

import json
import sys

import django
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.benchmarks.prepare import use
from tests.statements import writing


def main(paths: list[str], databases: list[str]) -> None:
    """Visit every page twice on every database; the first visit fills what the process itself keeps."""
    django.setup()
    settings.PAGE_CACHE = False  # all that a page ever asks is counted
    seen = []
    for database in databases:
        use(database)
        for path in paths:
            visit(path)
            statements, cookies = visit(path)
            queries, writes = len(statements), writing(statements)
            seen.append({"path": path, "database": database, "queries": queries, "writes": writes, "cookies": cookies})
    json.dump(seen, sys.stdout)


def visit(path: str) -> tuple[list[str], list[str]]:
    """The SQL of a stranger's visit, and the names of the cookies it sets; SystemExit unless the page is there."""
    statements: list[str] = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        response = Client().get(path, headers={"host": "127.0.0.1"})
        if response.streaming:
            b"".join(response)
    if response.status_code != 200:
        sys.exit(f"{path}: {response.status_code}")
    return statements, list(response.cookies)


if __name__ == "__main__":
    main(sys.argv[1].split(), sys.argv[2].split())
