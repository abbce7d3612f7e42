from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def sink(settings: Any) -> Iterator[Any]:
    """A mail server that answers as it is told."""
    from tests.mail.sink import mail_server  # models, which cannot be imported before the services run

    with mail_server(settings) as sink:
        yield sink
