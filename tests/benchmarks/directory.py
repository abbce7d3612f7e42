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

# Each search finds something in a directory of any size.
# (name, words, its p50 at most so many times that at few members, and that of a plain list; None: no goal)
SEARCHES: tuple[tuple[str, tuple[str, ...], float, float | None], ...] = (
    ("a word that matches few", ("aedilis", "prezicika", "proftools"), 2, 2.5),
    ("a word that matches most", ("veikla", "pavyzdinė", "organizacija"), 3, 3),
    ("a word with a typo", ("aidylis", "aetylis"), 10, None),
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
    """What the pages ask of the database, nothing kept: as much at any size, and without writing or a cookie."""
    effort = bench.effort
    sizes = (effort.founded, effort.usual, effort.large)
    paths, databases = [path for _, path in PAGES], [f"members_{size}" for size in sizes]
    answer = bench.run("tests.benchmarks.queries", " ".join(paths), " ".join(databases), keeping=False)
    seen = json.loads(answer)
    among = f"fewest at {', '.join(f'{size:,}' for size in sizes)} members"
    for name, path in PAGES:
        counts = [visit["queries"] for visit in seen if visit["path"] == path]
        yield Figure(
            f"{name}, most SQL queries", max(counts), "queries", among, min(counts), at_most=6, ratio_at_most=1
        )
    for name, what in (("writes", "statements"), ("cookies", "cookies")):
        yield Figure(f"{name} of these pages", sum(len(visit[name]) for visit in seen), what, at_most=0)


def throughput(bench: Bench) -> Iterator[Figure]:
    """Requests per second of a directory of usual size: made for each request with nothing kept, and kept whole."""
    size = bench.effort.usual
    database = f"members_{size}"
    fresh, kept = bench.serve(PORTAL, database, keeping=False), bench.serve(PORTAL, database)
    django, hello = bench.serve(REFERENCE, database), bench.serve(HELLO)
    slugs = some_slugs(bench, database)
    directory = Target(fresh, [DIRECTORY])
    member = Target(fresh, [f"{DIRECTORY}{slug}/" for slug in slugs])
    plain_list, plain_member = Target(django, ["/"]), Target(django, [f"/{slug}/" for slug in slugs])
    fuller_list = Target(django, ["/facts/"])
    pairs = (
        (f"directory page, nothing kept, {size:,} members", directory, "minimal ListView", plain_list, 0.3),
        ("member page, nothing kept", member, "minimal DetailView", plain_member, 0.3),
        (f"directory page beside a fuller list, {size:,} members", directory, "ListView with areas", fuller_list, None),
        ("directory page kept whole", Target(kept, [DIRECTORY]), "WSGI hello-world", Target(hello, ["/"]), 0.55),
    )
    for name, ours, reference, theirs, share in pairs:
        for connections, mine, other in bench.compare(ours, theirs, attrgetter("rate")):
            name_here = f"{name}, {in_words(connections)}"
            yield Figure(name_here, mine, "requests/s", reference, other, ratio_at_least=share)
    bench.stop_servers()


def growth(bench: Bench) -> Iterator[Figure]:
    """The median request's time in a large directory beside that in a small one, and of searches beside a plain list's.

    No page is given whole: searches never are, nor is an address with a parameter that the page does not know.
    """
    small, large = bench.effort.small, bench.effort.large
    few, many = bench.serve(PORTAL, f"members_{small}"), bench.serve(PORTAL, f"members_{large}")
    django = bench.serve(REFERENCE, f"members_{large}")
    page, last_page = f"{DIRECTORY}?kept=no", f"{DIRECTORY}?kept=no&page={ceil(large / PAGE_SIZE)}"
    at_small = f"the same, {small:,} members"
    # (name, ours, reference, theirs, at most so many times it)
    comparisons: list[tuple[str, Target, str, Target, float | None]] = [
        ("directory page", Target(many, [page]), at_small, Target(few, [page]), 1.5),
        ("directory's last page", Target(many, [last_page]), "its first page", Target(many, [page]), 3),
    ]
    for name, words, times, beside_list in SEARCHES:
        paths = [f"{DIRECTORY}?{urlencode({'q': word})}" for word in words]
        comparisons.append((f"search for {name}", Target(many, paths), at_small, Target(few, paths), times))
        if beside_list:
            ours = f"search for {name} beside a list"
            comparisons.append((ours, Target(many, paths), "minimal ListView", Target(django, ["/"]), beside_list))
    for name, ours_, reference, theirs, times_ in comparisons:
        for connections, mine, other in bench.compare(ours_, theirs, attrgetter("p50")):
            limit = times_ if theirs.server != django or connections == 1 else None
            name_here = f"{name}, p50, {large:,} members, {in_words(connections)}"
            yield Figure(name_here, mine, "ms", reference, other, ratio_at_most=limit)
    bench.stop_servers()


def in_words(connections: int) -> str:
    return f"{connections} connection{'s' if connections > 1 else ''}"


def some_slugs(bench: Bench, database: str) -> list[str]:
    """The addresses of members that have a place, areas, offers and all else that their page shows."""
    with closing(psycopg2.connect(bench.database_url(database))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT slug FROM members_member WHERE is_example ORDER BY number LIMIT %s", [SAMPLE])
        return [slug for (slug,) in cursor.fetchall()]
