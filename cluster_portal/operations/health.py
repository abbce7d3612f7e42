"""Whether the portal works."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from cluster_portal.base.cache import redis_answers

logger = logging.getLogger(__name__)


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database and the broker answer, else 503; which of them is named."""
    checks = {"database": database_answers(), "broker": redis_answers()}
    healthy = all(checks.values())
    answer = {name: "ok" if well else "down" for name, well in checks.items()}
    response = JsonResponse({"status": "ok" if healthy else "down", **answer}, status=200 if healthy else 503)
    response["Cache-Control"] = "no-store"
    return response


def database_answers() -> bool:
    """Whether the database answers a query now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.error("database not reached: %s", error)
        return False
    return True
