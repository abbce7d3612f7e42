"""Importing all modules of a package, where each makes itself known."""

from importlib import import_module
from pkgutil import iter_modules


def import_all(package: str) -> None:
    """Import every module of a package, so that each registers what it declares and nothing else has to list it."""
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        import_module(module.name)
