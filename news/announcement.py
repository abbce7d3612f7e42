"""The post that announces an admission: facts only, in both languages, with the Lithuanian gender right."""

import re
from datetime import date

from django.template.loader import render_to_string
from django.utils import formats, timezone, translation

from cluster_portal.base.database import lock_table
from cluster_portal.country.lt import names
from cluster_portal.country.lt.names import one_line
from cluster_portal.identity.current import identity
from members.models import Kind, Member, Organisation
from news.models import Post

# Python-Markdown's escapable characters; "<" and "&" have no backslash form and become entities.
MARKDOWN = re.compile(r"([\\`*_{}\[\]()>#+\-.!|])")


def announce(member: Member) -> Post:
    """Publishes the post on `member`'s admission and returns it; the caller's transaction holds it too."""
    lock_table(Post)
    post = announcement(member)
    joined = member.joined_on or timezone.localdate()
    post.body_lt, post.body_en = (body(member, joined, language) for language in ("lt", "en"))
    post.save()
    return post


def announcement(member: Member) -> Post:
    """The post without its text, neither published nor saved yet; nor need `member` be."""
    title_lt, title_en = titles(member)
    return Post(
        slug=Post.free_slug(f"{member.slug}-tapo-{membership_noun(member)}"),
        title_lt=title_lt,
        title_en=title_en,
        summary_lt=member.summary_lt,
        summary_en=member.summary_en,
        status=Post.Status.PUBLISHED,
        member=member,
    )


def titles(organisation: Organisation) -> tuple[str, str]:
    """The Lithuanian and the English title of the announcement on a member, or on an application."""
    cluster = identity()
    return (
        f"{quoted_name(organisation)} tapo {cluster.name_genitive_lt} {membership_noun(organisation)}",
        f"{one_line(organisation.name)} joins the {cluster.name_en}",
    )


def quoted_name(organisation: Organisation) -> str:
    """The organisation as a Lithuanian sentence writes it."""
    return names.quoted_name(*named(organisation))


def membership_noun(organisation: Organisation) -> str:
    """What the organisation became in the cluster, in Lithuanian and in its gender."""
    return names.membership_noun(*named(organisation))


def named(organisation: Organisation) -> tuple[str, str, bool]:
    """What the rules of Lithuanian names ask of an organisation."""
    return organisation.name, organisation.legal_name, organisation.kind == Kind.COMPANY


def escape_markdown(text: str) -> str:
    """`text` on one line, to be shown letter for letter where Markdown is rendered."""
    return MARKDOWN.sub(r"\\\1", one_line(text).replace("&", "&amp;").replace("<", "&lt;"))


def body(member: Member, joined: date, language: str) -> str:
    """The announcement's text as Markdown in `language` ("lt" or "en")."""
    with translation.override(language):
        context = {
            "name": escape_markdown(quoted_name(member) if language == "lt" else member.name),
            "noun": membership_noun(member),
            "cluster": escape_markdown(identity().genitive),
            "legal_name": escape_markdown(member.legal_name) if member.legal_name != member.name else "",
            "date": formats.date_format(joined, "DATE_FORMAT"),
            "municipality": escape_markdown(member.municipality.name) if member.municipality else "",
            "summary": escape_markdown(member.summary_lt if language == "lt" else member.summary_en),
            "summary_lt": escape_markdown(member.summary_lt),
            "areas": ", ".join(escape_markdown(area.name[:1].lower() + area.name[1:]) for area in member.areas.all()),
            "offers": ", ".join(escape_markdown(tag) for tag in member.offers),
            "seeks": ", ".join(escape_markdown(tag) for tag in member.seeks),
            "is_example": member.is_example,
            "url": member.get_absolute_url(),
        }
        text = render_to_string(f"news/announcement_{language}.md", context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
