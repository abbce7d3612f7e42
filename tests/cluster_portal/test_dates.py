"""Days that cannot be are refused wherever one is entered."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from applications.desk.step import STEPS
from news.models import Post

OUR_APPS = ("applications", "members", "news", "mail", "identity", "page_cache")
DAYS = {
    f"{model.__name__}.{field.name}": field
    for label in OUR_APPS
    for model in apps.get_app_config(label).get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
}
DAYS_OF_STEPS = {
    f"{name}.{field_name}": field
    for name, step in STEPS.items()
    for field_name, field in step.base_fields.items()
    if isinstance(field, forms.DateField)
}


@pytest.mark.parametrize("name", [*DAYS, *DAYS_OF_STEPS])
def test_a_day_is_one_from_the_year_1900_to_today(name):
    field, today = (DAYS | DAYS_OF_STEPS)[name], timezone.localdate()
    for day in (date(1900, 1, 1), today):
        field.run_validators(day)
    for typo in (date(20, 4, 27), date(1899, 12, 31), today + timedelta(days=1), date(2062, 4, 27)):
        with pytest.raises(ValidationError):
            field.run_validators(typo)


def test_a_post_may_be_scheduled_but_is_of_no_year_before_1900():
    field = Post._meta.get_field("published_at")
    for year in (1900, 2062):
        field.run_validators(datetime(year, 1, 1, tzinfo=UTC))
    for year in (20, 1899):
        with pytest.raises(ValidationError):
            field.run_validators(datetime(year, 1, 1, tzinfo=UTC))


def test_the_days_of_a_member_the_cluster_and_a_vote_are_among_those_asked():
    assert {"Member.joined_on", "Identity.formed_on", "Vote.decided_on", "record_vote.decided_on"} <= {
        *DAYS, *DAYS_OF_STEPS,
    }  # fmt: skip
