"""The directory, a member's page and the search against minimal Django views, a WSGI hello-world, and smaller directories."""

import json
from collections.abc import Iterator
from contextlib import closing
from math import ceil
from operator import attrgetter
from urllib.parse import urlencode

import psycopg2

from tests.benchmarks.bench import PAGE_SIZE, Bench, Target
from tests.benchmarks.figures import Figure

MEMBERS = ("founded", "small", "usual", "large")
DIRECTORY = "/nariai/"
SAMPLE = 20  # member pages asked for in turn
PORTAL, REFERENCE, HELLO = "cluster_portal.wsgi", "tests.benchmarks.reference", "tests.benchmarks.hello"

# Each search finds something in a directory of any size. (name, words, its p50 at most so many times that at few members)
SEARCHES: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("a word that matches few", ("aedilis", "prezicika", "proftools"), 2),
    ("a word that matches most", ("veikla", "pavyzdinė", "organizacija"), 3),
    ("a word with a typo", ("aidylis", "aetylis"), 10),
)

# Counted at every size. (name, path)
PAGES = (
    ("directory page", DIRECTORY),
    ("member page", f"{DIRECTORY}aedilis/"),
    ("home", "/"),
    ("search", f"{DIRECTORY}?q=aedilis"),
)


def measure(bench: Bench) -> Iterator[Figure]:
    """Speed, growth and queries of the public directory."""
    yield from queries(bench)
    yield from throughput(bench)
    yield from growth(bench)


def queries(bench: Bench) -> Iterator[Figure]:
    """What the pages ask of the database, uncached: as much at any size, and without writing or a cookie."""
    effort = bench.effort
    sizes = (effort.founded, effort.usual, effort.large)
    paths, databases = [path for _, path in PAGES], [f"members_{size}" for size in sizes]
    told = bench.run("tests.benchmarks.queries", " ".join(paths), " ".join(databases), cached=False)
    seen = json.loads(told)
    among = f"fewest at {', '.join(f'{size:,}' for size in sizes)} members"
    for name, path in PAGES:
        counts = [visit["queries"] for visit in seen if visit["path"] == path]
        yield Figure(
            f"{name}, most SQL queries", max(counts), "queries", among, min(counts), at_most=6, ratio_at_most=1
        )
    for name, what in (("writes", "statements"), ("cookies", "cookies")):
        yield Figure(f"{name} of these pages", sum(len(visit[name]) for visit in seen), what, at_most=0)


def throughput(bench: Bench) -> Iterator[Figure]:
    """Requests per second of a directory of usual size."""
    size = bench.effort.usual
    database = f"members_{size}"
    uncached, cached = bench.serve(PORTAL, database, cached=False), bench.serve(PORTAL, database)
    anew = bench.serve(PORTAL, database, cached=False, PAGE_CACHE="0")  # no part is kept in the process either
    django, hello = bench.serve(REFERENCE, database), bench.serve(HELLO)
    slugs = some_slugs(bench, database)
    members = Target(uncached, [f"{DIRECTORY}{slug}/" for slug in slugs])
    directory = Target(uncached, [DIRECTORY])
    pairs = (
        (f"directory page, uncached, {size:,} members", directory, "minimal ListView", Target(django, ["/"]), 0.7),
        (
            f"directory page, each part made anew, {size:,} members",
            Target(anew, [DIRECTORY]),
            "minimal ListView",
            Target(django, ["/"]),
            None,
        ),
        (
            "member page, each part made anew",
            Target(anew, members.paths),
            "minimal DetailView",
            Target(django, [f"/{slug}/" for slug in slugs]),
            None,
        ),
        (
            f"directory page beside a fuller list, {size:,} members",
            directory,
            "ListView with place and areas",
            Target(django, ["/facts/"]),
            None,
        ),
        ("member page, uncached", members, "minimal DetailView", Target(django, [f"/{slug}/" for slug in slugs]), 0.5),
        (
            "directory page, anonymous, cached",
            Target(cached, [DIRECTORY]),
            "WSGI hello-world",
            Target(hello, ["/"]),
            0.5,
        ),
    )
    for name, ours, reference, theirs, share in pairs:
        for connected, mine, other in bench.compare(ours, theirs, attrgetter("rate")):
            yield Figure(f"{name}, {connected}", mine, "requests/s", reference, other, ratio_at_least=share)
    bench.stop_servers()


def growth(bench: Bench) -> Iterator[Figure]:
    """The median request's time in a large directory beside that in a small one."""
    small, large = bench.effort.small, bench.effort.large
    few = bench.serve(PORTAL, f"members_{small}", cached=False)
    many = bench.serve(PORTAL, f"members_{large}", cached=False)
    last_page = f"{DIRECTORY}?page={ceil(large / PAGE_SIZE)}"
    first, at_small = f"its first page, {large:,} members", f"the same, {small:,} members"
    comparisons: list[tuple[str, Target, str, Target, float]] = [
        ("directory page", Target(many, [DIRECTORY]), at_small, Target(few, [DIRECTORY]), 1.5),
        ("directory's last page", Target(many, [last_page]), first, Target(many, [DIRECTORY]), 3),
    ]
    for name, words, times in SEARCHES:
        paths = [f"{DIRECTORY}?{urlencode({'q': word})}" for word in words]
        comparisons.append((f"search for {name}", Target(many, paths), at_small, Target(few, paths), times))
    for name, ours, reference, theirs, times in comparisons:
        for connected, mine, other in bench.compare(ours, theirs, attrgetter("p50")):
            yield Figure(
                f"{name}, p50, {large:,} members, {connected}",
                mine,
                "ms",
                reference,
                other,
                ratio_at_most=times,
            )
    bench.stop_servers()


def some_slugs(bench: Bench, database: str) -> list[str]:
    """The addresses of members that have a place, areas, offers and all else that their page shows."""
    with closing(psycopg2.connect(bench.database_url(database))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT slug FROM members_member WHERE is_example ORDER BY number LIMIT %s", [SAMPLE])
        return [slug for (slug,) in cursor.fetchall()]
