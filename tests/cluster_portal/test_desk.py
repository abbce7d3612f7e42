"""The desk's site takes the portal's own pages, of whichever app, and no others."""

from django.contrib import admin
from django.contrib.auth.models import Group

from cluster_portal.desk.admin import DeskAdmin
from cluster_portal.desk.site import CoordinatorSite
from members.models import User


def test_what_is_a_page_of_the_desk_is_taken_and_what_packages_bring_is_not():
    site = CoordinatorSite()
    site.register(User, admin.ModelAdmin)
    site.register([User])
    assert not site.is_registered(User)
    site.register(Group, DeskAdmin)
    assert site.is_registered(Group)


def test_nothing_else_is_on_the_site():
    assert {type(page) for page in admin.site._registry.values() if not isinstance(page, DeskAdmin)} == set()
