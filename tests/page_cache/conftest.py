"""Pages are kept here, as in production: a test commits what it writes."""

import pytest

from cluster_portal.page_cache import generation


@pytest.fixture
def keeping(settings, transactional_db):
    """Public pages are kept, and nothing is yet."""
    settings.PAGE_CACHE = True
    generation.latest.become(None)
    generation.latest.doubt()
    yield
    generation.latest.become(None)
    generation.latest.doubt()
