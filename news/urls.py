"""Addresses of the news; the feed comes before the pattern that takes every other word for a post."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from news import views
from news.feeds import feed
from news.subscription import confirm, subscribe

app_name = "news"
urlpatterns = [
    path("", views.post_list, name="list"),
    path("atom.xml", feed, name="feed"),
    path(pgettext_lazy("url", "subscribe/"), subscribe, name="subscribe"),
    path(pgettext_lazy("url", "subscribe/<str:token>/"), confirm, name="confirm"),
    path("<slug:slug>/", views.post_detail, name="detail"),
]
