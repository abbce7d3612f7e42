"""Lays out the databases: `python -m tests.benchmarks.prepare SIZE…`, in the environment of the empty one.

The database itself ends as `seed_cluster` leaves it, in nobody's way, to be copied; `members_<SIZE>` is one with so many
public members, vacuumed and analysed, so that the server has nothing left to do while it is measured.
"""

import sys

import django
from django.core.management import call_command
from django.db import connection


def main(sizes: list[int]) -> None:
    """Make each of the databases out of the one before it."""
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("seed_cluster")
    original = database = connection.settings_dict["NAME"]
    for size in sorted(sizes):
        copy(database, f"members_{size}")
        database = f"members_{size}"
        use(database)
        grow(size)
    use(original)


def grow(size: int) -> None:
    """Bring the connected database to so many public members."""
    from members.models import Member

    founded = Member.objects.filter(is_example=False).count()
    if size > founded:
        call_command("make_members", size - founded)
    found = Member.objects.public().count()
    if found != size:
        sys.exit(f"{found} public members where {size} were wanted.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")


def copy(source: str, target: str) -> None:
    """A copy of a database that nobody is connected to."""
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def use(database: str) -> None:
    """Turn Django's connection to another database of the server."""
    connection.close()
    connection.settings_dict["NAME"] = database


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
