#!/usr/bin/env python3
"""Django's command line. Beside a running `make run` it works on the same data by itself."""

import os
import sys

from cluster_portal.local_services.environment import use_local_environment


def main() -> None:
    """Run one management command; without any configuration, against the data of `make run`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")
    use_local_environment()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
