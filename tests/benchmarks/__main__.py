"""`make bench`, or `python -m tests.benchmarks [--quick] [suite …]`: measures, prints the figures, writes bench.json."""

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path

from cluster_portal.local_services.folder import ROOT
from tests.benchmarks.bench import QUICK, Bench, Effort
from tests.benchmarks.figures import Figure, table, write

SUITES = ("directory", "visit", "mail")


def main(arguments: list[str]) -> None:
    """Run the suites named, or all of them. A goal that is missed is marked; it is no failure of the run."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the portal against its goals.")
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"of {', '.join(SUITES)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="try that everything runs; the figures mean nothing")
    parser.add_argument("--output", type=Path, default=ROOT / "bench.json", help="the file to write (bench.json)")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.suites) - set(SUITES):
        parser.error(f"there is no suite {', '.join(sorted(unknown))}")
    suites = [import_module(f"tests.benchmarks.{name}") for name in chosen.suites or SUITES]
    effort = QUICK if chosen.quick else Effort()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # so that the services stop and the folder goes
    figures: list[Figure] = []
    try:
        with Bench(effort) as bench:
            bench.note("making the databases")
            bench.prepare(sorted({getattr(effort, name) for suite in suites for name in suite.MEMBERS}))
            for suite in suites:
                for figure in suite.measure(bench):
                    bench.note(figure.name)
                    figures.append(figure)
                bench.stop_servers()
    finally:  # what was measured before something failed is not lost
        if figures:
            print(table(figures))
            write(figures, chosen.output)


if __name__ == "__main__":
    main(sys.argv[1:])
