"""Who gets mail: nobody whose account is closed, and one person one email, however many members the person acts for."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from applications.workflow import admission
from cluster_portal.mail import delivery
from cluster_portal.mail.models import OutgoingMail, Subscription
from cluster_portal.mail.outbox import Recipient, queue_mails
from members.models import Representative
from news import emails as news_emails
from news.models import Post
from tests import factories
from tests.mail.sink import queued, state

pytestmark = pytest.mark.django_db


def close(person):
    person.is_active = False
    person.save()


def recipients():
    return sorted(OutgoingMail.objects.values_list("to", flat=True))


def test_a_closed_account_gets_no_mail_at_any_of_its_addresses(applicant):
    EmailAddress.objects.create(user=applicant, email="kita@example.org", verified=True, primary=False)
    close(applicant)
    queue_mails(
        key="test",
        recipients=[
            Recipient(address, "lt") for address in (applicant.email.upper(), "Kita@example.org", "x@example.org")
        ],
        template="account/email/login_code",
        context={"code": "1", "email": ""},
    )
    assert recipients() == ["x@example.org"]


def test_an_address_that_a_closed_account_never_confirmed_is_not_its_own(applicant):
    EmailAddress.objects.create(user=applicant, email="kita@example.org", verified=False, primary=False)
    close(applicant)
    queue_mails(
        key="test",
        recipients=[Recipient("kita@example.org", "lt")],
        template="account/email/login_code",
        context={"code": "1", "email": ""},
    )
    assert recipients() == ["kita@example.org"]


@pytest.mark.parametrize("page", ["account_request_login_code", "account_reset_password"])
def test_who_asks_for_a_code_for_a_closed_account_makes_us_write_to_nobody(client, applicant, page):
    close(applicant)
    assert client.post(reverse(page), {"email": applicant.email}).status_code == 302
    assert recipients() == []


def test_mail_that_waits_when_its_account_is_closed_is_not_sent(sink, applicant):
    mails = [queued(applicant.email.upper()), queued("kita@example.org")]
    close(applicant)
    assert delivery.deliver_due() == 1
    assert [state(mail)[0] for mail in mails] == ["discarded", "sent"]
    assert sink.recipients == ["kita@example.org"]


def test_subscribers_whose_accounts_are_closed_get_no_news(applicant):
    for address in (applicant.email, "skaitytoja@example.org"):
        Subscription.objects.choose(address, "news", True, "lt")
    close(applicant)
    news_emails.news_post(Post.objects.create(slug="x", title_lt="X", title_en="X", body_lt="x"))
    assert recipients() == ["skaitytoja@example.org"]


def test_a_closed_applicant_is_not_mailed_of_its_own_application(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    OutgoingMail.objects.all().delete()
    close(applicant)
    admission.admit(application, coordinator)
    assert applicant.email not in recipients()


def test_one_person_who_acts_for_two_members_hears_of_a_new_one_once(applicant, coordinator, founders):
    person = founders[0].voter
    for role in (Representative.Role.OWNER, Representative.Role.EDITOR):
        Representative.objects.create(member=factories.member(), user=person, role=role)
    application = factories.approved(applicant, coordinator, founders)
    OutgoingMail.objects.all().delete()
    admission.admit(application, coordinator)
    assert OutgoingMail.objects.filter(to=person.email).count() == 1
