"""What is said to whom about members and accounts: one function and one set of templates per email."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cluster_portal.base.changes import Change
from cluster_portal.mail.outbox import Recipient, queue_mails
from members.models import Member, User


def member_edited(member: Member, by: User, edits: list[Change]) -> None:
    """To the coordinator's staff, but for the one who did it: what a member's people have changed, old → new."""
    staff = User.objects.filter(is_active=True, is_staff=True).exclude(pk=by.pk).order_by("email")
    queue_mails(
        # One save is one occasion.
        key=f"member:{member.pk}:edited:{timezone.now().isoformat()}",
        recipients=[Recipient(user.email, user.language, str(user)) for user in staff],
        template="members/emails/member_edited",
        context={
            "member": member,
            "by": by,
            "edits": edits,
            "link": settings.SITE_URL + reverse("admin:members_member_change", args=[member.pk]),
        },
        topic=f"member:{member.pk}",
    )


def account_made(user: User) -> None:
    """To a person for whom the coordinator has made an account: how to get in."""
    queue_mails(
        key=f"user:{user.pk}:made",
        recipients=[Recipient(user.email, user.language, str(user))],
        template="members/emails/account_made",
        context={"user": user, "links": AccountLinks()},
        topic="account",
    )


class AccountLinks:
    """Absolute addresses, made at rendering time: they follow the language in which the email is rendered."""

    @property
    def log_in_by_code(self) -> str:
        return settings.SITE_URL + reverse("account_request_login_code")
