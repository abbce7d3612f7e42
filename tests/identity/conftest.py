"""A portal without a cluster: the tests' database has ours laid out from its beginning."""

import pytest
from django.db import connection


@pytest.fixture
def bare(db: None) -> None:
    """A portal that no cluster has been laid out on, and whose history knows none."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE identity_identity, identity_identityevent, identity_laidout, members_area CASCADE")
