"""The benchmark suites of `make bench`.

A suite is a module with `measure(bench)`, a generator of `Figure`s, and `MEMBERS`, the fields of `Effort` that name the
sizes of directory it needs; `SUITES` in `__main__` lists them. Every figure is measured beside its reference in the same
run, in interleaved rounds, so that ratios hold on any machine; absolute times hold for this one only.

`make bench` ends with status 0 whether the goals are met or not: it reports, and marks what is behind. Any other
status means that it could not measure.
"""
