"""Fields of models that several apps use."""

from typing import Any

from django import forms
from django.db import models


class WebsiteField(models.URLField):
    """An address typed without its scheme is taken for https, as Django itself will from version 6 on."""

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"assume_scheme": "https", **kwargs})
