"""Every address of the portal. Lithuanian has no prefix; English lives under /en/."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.translation import pgettext_lazy

from applications.urls import ballot_urls
from cluster_portal.identity.views import mark, style_sheet
from cluster_portal.mail.views import announcements, demo_mail, leave
from cluster_portal.operations import health
from cluster_portal.pages import open_data, search, views
from cluster_portal.pages.api import api
from cluster_portal.pages.media import media
from cluster_portal.pages.sitemaps import sitemap
from members.organisation.views import edit_organisation, my_organisation
from members.people.views import my_details

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    re_path(
        r"^colours/(?P<version>[0-9a-f]{8})/(?P<primary>[0-9a-f]{6})-(?P<signal>[0-9a-f]{6})\.css$",
        style_sheet,
        name="colours",
    ),
    path("mark/<slug:mode>.svg", mark, name="mark"),
    path("healthz", health.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("mail/leave/<str:token>/", leave, name="mail-leave"),
    path("media/<path:name>", media, name="media"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path(pgettext_lazy("url", "search/"), search.search, name="search"),
        path(pgettext_lazy("url", "about/"), views.about, name="about"),
        path(pgettext_lazy("url", "how-to-join/"), views.how_to_join, name="how-to-join"),
        path(pgettext_lazy("url", "personal-data/"), views.personal_data, name="personal-data"),
        path(pgettext_lazy("url", "open-data/"), open_data.open_data, name="open-data"),
        path(pgettext_lazy("url", "embed/"), open_data.embed, name="embed"),
        path(pgettext_lazy("url", "embed/wall/"), open_data.embed_wall, name="embed-wall"),
        path(pgettext_lazy("url", "members/"), include("members.urls")),
        path(pgettext_lazy("url", "my-organisation/"), my_organisation, name="my-organisation"),
        path(pgettext_lazy("url", "my-organisation/<slug:slug>/"), edit_organisation, name="edit-organisation"),
        path(pgettext_lazy("url", "news/"), include("news.urls")),
        path(pgettext_lazy("url", "applications/"), include("applications.urls")),
        path(pgettext_lazy("url", "ballots/"), include((ballot_urls, "ballots"))),
        path(pgettext_lazy("url", "account/announcements/"), announcements, name="announcements"),
        path(pgettext_lazy("url", "account/my-details/"), my_details, name="my-details"),
        path(pgettext_lazy("url", "account/"), include("allauth.urls")),
        prefix_default_language=False,
    ),
]

if settings.DEMO:
    urlpatterns.append(path("demo/mail/", demo_mail, name="demo-mail"))

handler500 = "cluster_portal.pages.errors.server_error"
