"""Which static files are collected."""

from collections.abc import Iterable, Iterator

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import Storage

# Bootstrap comes in some forty builds; pages name bootstrap.min.css and at most its scripts.
OTHER_BUILDS = ["bootstrap-*", "*.rtl.*", "bootstrap.css*", "bootstrap.js*", "bootstrap.bundle.js*", "bootstrap.esm.*"]


class UsedFilesFinder(FileSystemFinder):
    """Leaves out of a collection the builds that no page names: compressing them takes longer than all the rest."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        yield from super().list([*(ignore_patterns or []), *OTHER_BUILDS])
