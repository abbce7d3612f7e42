"""The API keeps what its description promises, whatever it is asked (schemathesis, some examples an address)."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cluster_portal.base.known import known
from members.models import Area
from news.models import Post
from tests import factories


def test_every_answer_is_as_described(live_server):
    member = factories.member("Alfa", municipality_id="LT-25", offers=["optika"], joined_on="2021-03-05")
    member.areas.add(known(Area.objects.first()))
    Post.objects.create(slug="alfa", title_lt="Alfa", body_lt="Tekstas", status="published", member=member)
    schema = schemathesis.openapi.from_url(f"{live_server.url}/api/v1/openapi.json")
    asked = set()
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok), operation

        @given(case=operation.ok().as_strategy())
        @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def keeps_its_word(case):
            # A place or area is known to the directory, not to the description: it may refuse what is well formed.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])
            asked.add(case.operation.label)

        keeps_its_word()
    assert asked == {"GET /api/v1/members", "GET /api/v1/members/{slug}", "GET /api/v1/news"}
