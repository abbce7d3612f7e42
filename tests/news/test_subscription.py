"""News by email: asked for, confirmed, emailed once, left."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from cluster_portal.base.known import known
from cluster_portal.mail.models import BadAddress, Content, OutgoingMail, Subscription
from news import emails
from news.models import Post
from news.tasks import forget_unconfirmed, mail_new_posts

pytestmark = pytest.mark.django_db
PAGE = "/naujienos/prenumerata/"


def post(**fields):
    number = Post.objects.count()
    return Post.objects.create(
        **{"slug": f"n{number}", "title_lt": "Naujiena", "body_lt": "Tekstas", "status": "published", **fields}
    )


def confirmation_link():
    return known(re.search(r"http://[^/]+(/\S*(?:prenumerata|subscribe)/\S+)", OutgoingMail.objects.latest("pk").text))[
        1
    ]


def test_a_subscription_needs_the_click_in_the_mail_and_then_the_button(client):
    answer = client.post(PAGE, {"email": "Skaitytojas@example.org"})
    assert (answer.status_code, dict(answer.cookies)) == (302, {})
    assert "alert-success" in client.get(answer.url).content.decode()
    assert Subscription.objects.count() == 0
    page = confirmation_link()
    client.get(page)
    assert Subscription.objects.count() == 0
    client.post(page)
    subscription = Subscription.objects.get()
    assert (subscription.address, subscription.announcement, subscription.wanted, subscription.language) == (
        "skaitytojas@example.org", "news", True, "lt",
    )  # fmt: skip


def test_who_subscribes_on_an_english_page_reads_english(client):
    client.post("/en/news/subscribe/", {"email": "reader@example.org"})
    assert OutgoingMail.objects.get().language == "en"
    assert confirmation_link().startswith("/en/news/subscribe/")


def test_no_address_can_be_probed_and_none_is_flooded(client):
    Subscription.objects.choose("yra@example.org", "news", True, "lt")
    answers = [client.post(PAGE, {"email": f"{name}@example.org"}) for name in ("yra", "nera", "yra")]
    assert len({(answer.status_code, answer.url, answer.content) for answer in answers}) == 1
    assert OutgoingMail.objects.count() == 2


def test_strangers_cannot_make_us_write_to_everybody(client, monkeypatch):
    monkeypatch.setattr(emails, "HOURLY", 1)
    client.post(PAGE, {"email": "a@example.org"})
    assert client.post(PAGE, {"email": "b@example.org"}).status_code == 422
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("address", ["", "x", "a@b", "a@example.org\nBcc: b@example.org"])
def test_what_is_no_address_is_refused_and_stays_in_the_field(client, address):
    answer = client.post(PAGE, {"email": address})
    assert answer.status_code == 422
    assert OutgoingMail.objects.count() == 0


def test_a_broken_link_leads_on(client):
    page = client.get(f"{PAGE}abc/")
    assert page.status_code == 404
    assert f'href="{PAGE}"' in page.content.decode()


def test_a_new_post_is_mailed_once_to_those_who_want_it():
    Subscription.objects.choose("a@example.org", "news", True, "lt")
    Subscription.objects.choose("b@example.org", "news", True, "en")
    Subscription.objects.choose("c@example.org", "news", False, "en")
    post(title_en="News")
    post(status="draft")
    post(published_at=timezone.now() + timedelta(days=1))
    post(published_at=timezone.now() - timedelta(days=30))
    assert [mail_new_posts(), mail_new_posts()] == [1, 0]
    mails = list(OutgoingMail.objects.order_by("to").values_list("to", "subject", "announcement"))
    assert mails == [("a@example.org", "Naujiena", "news"), ("b@example.org", "News", "news")]


def test_who_was_told_as_a_representative_is_not_told_again(applicant, coordinator, founders):
    from applications.workflow import admission
    from tests import factories

    Subscription.objects.choose(founders[0].voter.email, "news", True, "lt")
    Subscription.objects.choose("skaitytojas@example.org", "news", True, "lt")
    admission.admit(factories.approved(applicant, coordinator, founders), coordinator)
    mail_new_posts()
    recipients = list(OutgoingMail.objects.exclude(announcement="").values_list("to", flat=True))
    assert sorted(recipients) == sorted([*(founder.voter.email for founder in founders), "skaitytojas@example.org"])


def test_who_has_an_account_reads_the_news_in_its_language(applicant):
    Subscription.objects.choose(applicant.email, "news", True, "lt")
    applicant.language = "en"
    applicant.save()
    post(title_en="News")
    mail_new_posts()
    assert OutgoingMail.objects.get(announcement="news").language == "en"


def test_an_address_that_is_not_confirmed_is_forgotten_when_its_link_has_run_out(client, applicant):
    for address in ("Nepatvirtino@example.org", "skaitytoja@example.org", applicant.email):
        client.post(PAGE, {"email": address})
        BadAddress.objects.create(address=address.lower(), answer="550")
    Subscription.objects.choose("skaitytoja@example.org", "news", True, "lt")
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=8))
    client.post(PAGE, {"email": "kita@example.org"})
    assert forget_unconfirmed() == 3
    assert OutgoingMail.objects.get().to == "kita@example.org"
    assert Content.objects.count() == 1
    assert set(BadAddress.objects.values_list("address", flat=True)) == {"skaitytoja@example.org", applicant.email}
