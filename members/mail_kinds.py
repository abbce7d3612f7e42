"""The emails about accounts and members' pages: what each is called at the desk, and what its words may name."""

from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cluster_portal.mail.kinds import GAVE_ADDRESS, HAS_ACCOUNT, Context, EmailKind, Placeholder, register
from cluster_portal.mail.topics import register_topic
from members.models import Member

SHOWN = 600  # characters of a changed text


def account(
    name: str, title, *placeholders: Placeholder, reason=HAS_ACCOUNT, app: str = "account", urgent: bool = False
) -> EmailKind:
    """An email of allauth."""
    return EmailKind(f"{app}/email/{name}", title, placeholders, reason=reason, urgent=urgent)


asked = partial(account, urgent=True)  # somebody looks at a page that says "we have sent you an email"


def link(meaning, value) -> Placeholder:
    """The link that the email is about."""
    return Placeholder("link", meaning, "https://example.org/", value, is_link=True, required=True)


def changes(context: Context) -> str:
    """What was changed on a member's page, field by field."""
    was, now, blocks = _("was:"), _("is now:"), []
    for edit in context["edits"]:
        old, new = (Truncator(words).chars(SHOWN) or "–" for words in (edit.old, edit.new))
        blocks.append(f"{edit.label}\n{was} {old}\n{now} {new}")
    return "\n\n".join(blocks)


EMAIL = Placeholder("email", _("the address that was typed"), "vardas@example.org", lambda context: context["email"])
CODE = Placeholder("code", _("the code"), "ABC-DEF", lambda context: context["code"], required=True)
CONFIRM = link(_("link: confirms the address"), lambda context: context["activate_url"])
NEW_PASSWORD = link(_("link: a new password"), lambda context: context["password_reset_url"])
SIGN_UP = link(_("link: create an account"), lambda context: context["signup_url"])
MEMBER = Placeholder("member", _("the member’s name"), _("Example"), lambda context: context["member"].name)
NOTICE = (
    link(_("link: a new password"), lambda context: settings.SITE_URL + reverse("account_reset_password")),
    Placeholder(
        "when",
        _("when it was done"),
        "2027-05-14 10:30",
        lambda context: date_format(localtime(context["timestamp"]), "Y-m-d H:i"),
    ),
    Placeholder("ip", _("the IP address"), "192.0.2.1", lambda context: context["ip"]),
    Placeholder("browser", _("the browser"), "Firefox", lambda context: context["user_agent"]),
)

# Where to turn when the account is no longer in its owner's hands; the page always has an address to write to.
CONTACTS = Placeholder(
    "contacts",
    _("link: the coordinator’s contacts"),
    "https://example.org/",
    lambda context: settings.SITE_URL + reverse("personal-data"),
    is_link=True,
)


def address(name: str, meaning, source: str) -> Placeholder:
    return Placeholder(name, meaning, f"{name}@example.org", lambda context: context[source])


register(
    [
        asked("email_confirmation_signup", _("Account: confirm the address of a new account"), CONFIRM, EMAIL,
              reason=GAVE_ADDRESS),
        asked("email_confirmation", _("Account: confirm another address"), CONFIRM, EMAIL, reason=GAVE_ADDRESS),
        asked("login_code", _("Account: the log-in code"), CODE, EMAIL),
        asked("password_reset_key", _("Account: a new password"), NEW_PASSWORD, EMAIL),
        asked("account_already_exists", _("Account: there is one already"), NEW_PASSWORD, EMAIL),
        asked("unknown_account", _("Account: no account with this address"), SIGN_UP, EMAIL, reason=GAVE_ADDRESS),
        account("password_changed", _("Account: the password was changed"), *NOTICE),
        account("password_reset", _("Account: a new password was chosen"), *NOTICE),
        account("password_set", _("Account: a password was set"), *NOTICE),
        account("email_changed", _("Account: the address was changed"), *NOTICE, CONTACTS,
                address("old_email", _("the address before"), "from_email"),
                address("new_email", _("the address now"), "to_email")),
        account("email_deleted", _("Account: an address was removed"), *NOTICE, CONTACTS,
                address("old_email", _("the address that was removed"), "deleted_email")),
        account("totp_activated", _("Account: two-factor authentication was turned on"), *NOTICE, app="mfa"),
        account("totp_deactivated", _("Account: two-factor authentication was turned off"), *NOTICE, app="mfa"),
        account("recovery_codes_generated", _("Account: new recovery codes"), *NOTICE, app="mfa"),
        EmailKind("members/emails/account_made", _("Account: created by the coordinator"),
             (link(_("link: a log-in code"), lambda context: context["links"].log_in_by_code),
              Placeholder("email", _("the address of the account"), "vardas@example.org",
                          lambda context: context["user"].email)),
             reason=GAVE_ADDRESS),
        EmailKind("members/emails/member_edited", _("To the coordinator: a member’s page was changed"),
             (link(_("link: the member at the coordinator’s desk"), lambda context: context["link"]),
              MEMBER,
              Placeholder("person", _("who did it"), _("A representative"), lambda context: context["by"]),
              Placeholder("changes", _("what was changed"), _("Website: example.org"), changes, required=True))),
    ]
)  # fmt: skip
register_topic("account", _("Account"))
register_topic("member", _("Member"), Member)
