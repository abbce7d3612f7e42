"""A minimal Django project on the portal's database: what the portal's pages are compared with.

`/` is a ListView and `/<slug>/` a DetailView as a tutorial would write them, with the middleware of `startproject`;
`/facts/` lists all that a card of the directory tells (place and areas beside name and summary). The models are the
project's own, unmanaged, so that work on the portal's does not move the reference.
"""

import os

import environ
from django.conf import settings

from tests.benchmarks.bench import PAGE_SIZE

BASE = """<!DOCTYPE html>
<html lang="lt"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body>{% block content %}{% endblock %}</body></html>
"""
PAGES = """<p>Puslapis {{ page_obj.number }} iš {{ page_obj.paginator.num_pages }}, narių: {{ page_obj.paginator.count }}
{% if page_obj.has_previous %}<a href="?page={{ page_obj.previous_page_number }}">Ankstesnis</a>{% endif %}
{% if page_obj.has_next %}<a href="?page={{ page_obj.next_page_number }}">Kitas</a>{% endif %}</p>
"""
LIST = """{% extends "base.html" %}{% block title %}Nariai{% endblock %}
{% block content %}<h1>Nariai</h1>
<ul>{% for member in page_obj %}<li><h2><a href="{% url "detail" member.slug %}">{{ member.name }}</a></h2><p>{{ member.summary_lt }}</p></li>{% endfor %}</ul>
{% include "pages.html" %}{% endblock %}
"""
FACTS = """{% extends "base.html" %}{% block title %}Nariai{% endblock %}
{% block content %}<h1>Nariai</h1>
<ul>{% for member in page_obj %}<li><h2><a href="{% url "detail" member.slug %}">{{ member.name }}</a></h2><p>{{ member.summary_lt }}</p>
<p>{{ member.kind }} · {{ member.municipality.name_lt }}</p>
<ul>{% for area in member.areas.all %}<li>{{ area.name_lt }}</li>{% endfor %}</ul></li>{% endfor %}</ul>
{% include "pages.html" %}{% endblock %}
"""
DETAIL = """{% extends "base.html" %}{% block title %}{{ member.name }}{% endblock %}
{% block content %}<h1>{{ member.name }}</h1><p>{{ member.summary_lt }}</p>{{ member.description_lt|linebreaks }}
<dl><dt>Pavadinimas</dt><dd>{{ member.legal_name }}</dd><dt>Kodas</dt><dd>{{ member.company_code }}</dd>
<dt>Adresas</dt><dd>{{ member.address }}</dd><dt>Svetainė</dt><dd><a href="{{ member.website }}">{{ member.website }}</a></dd>
<dt>El. paštas</dt><dd>{{ member.email }}</dd></dl>{% endblock %}
"""
TEMPLATES = {"base.html": BASE, "pages.html": PAGES, "list.html": LIST, "facts.html": FACTS, "detail.html": DETAIL}

database = environ.Env().db_url_config(os.environ["DATABASE_URL"])
database.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)  # as the portal's settings have it
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": database},
    LANGUAGE_CODE="lt",
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["console"], "level": "INFO"},
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        __name__,
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
                "loaders": [
                    ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", TEMPLATES)])
                ],
            },
        }
    ],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 (the settings come first)

application = get_wsgi_application()

from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.generic import DetailView, ListView  # noqa: E402


class Municipality(models.Model):
    code = models.CharField(max_length=5, primary_key=True)
    name_lt = models.CharField(max_length=50)

    class Meta:
        app_label = "reference"
        managed = False
        db_table = "members_municipality"

    def __str__(self) -> str:
        return self.name_lt


class Area(models.Model):
    name_lt = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "reference"
        managed = False
        db_table = "members_area"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name_lt


class Member(models.Model):
    slug = models.SlugField()
    status = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    legal_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    company_code = models.CharField(max_length=9)
    summary_lt = models.CharField(max_length=200)
    description_lt = models.TextField()
    address = models.CharField(max_length=200)
    website = models.URLField()
    email = models.EmailField()
    sort_key = models.TextField()
    municipality = models.ForeignKey(Municipality, models.DO_NOTHING, null=True)
    areas = models.ManyToManyField(Area, db_table="members_member_areas")

    class Meta:
        app_label = "reference"
        managed = False
        db_table = "members_member"
        ordering = ["sort_key", "pk"]

    def __str__(self) -> str:
        return self.name


class Members(ListView):
    queryset = Member._default_manager.filter(status="active")
    paginate_by = PAGE_SIZE
    template_name = "list.html"


class MembersWithFacts(Members):
    queryset = Members.queryset.select_related("municipality").prefetch_related("areas")
    template_name = "facts.html"


class OneMember(DetailView):
    queryset = Members.queryset
    template_name = "detail.html"


urlpatterns = [
    path("", Members.as_view()),
    path("facts/", MembersWithFacts.as_view()),
    path("<slug:slug>/", OneMember.as_view(), name="detail"),
]
