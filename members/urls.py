"""Addresses of the directory."""

from django.urls import path

from members.directory import member_page, views

app_name = "members"
urlpatterns = [
    path("", views.directory, name="list"),
    path("export.csv", views.export, {"kind": "csv"}, name="csv"),
    path("export.json", views.export, {"kind": "json"}, name="json"),
    path("<slug:slug>/", member_page.detail, name="detail"),
    path("<slug:slug>/share.png", views.picture, name="picture"),
]
