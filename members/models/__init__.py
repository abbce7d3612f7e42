"""The register of members: organisations, the people who act for them, and the words that describe them."""

from typing import Any

from members.models.member import Member, MemberArea, Representative
from members.models.organisation import Area, Kind, Organisation
from members.models.people import User
from members.models.places import County, Municipality
from members.models.tags import SearchWord, Tag, TagName

# Made by pghistory
AreaEvent: Any
MemberAreaEvent: Any
MemberEvent: Any
RepresentativeEvent: Any

__all__ = [
    "Area", "County", "Kind", "Member", "MemberArea", "Municipality", "Organisation",
    "Representative", "SearchWord", "Tag", "TagName", "User",
]  # fmt: skip
