"""The demo's page of emails, and the coordinator's view of the outbox."""

import pytest
from django.utils import timezone

from cluster_portal.mail.models import Content, OutgoingMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail():
    return OutgoingMail.objects.create(
        key="test", to="a@example.org", language="en", subject="Good news",
        content=Content.objects.create(text="Text <here>\n", html="<p style='color:red'>HTML</p>"),
        message_id="<1@example.org>", due_at=timezone.now(),
    )  # fmt: skip


def test_the_demo_lists_emails_and_shows_one_without_a_cookie(client, mail):
    page = client.get("/demo/mail/")
    assert (page.status_code, page.headers["Content-Language"], dict(page.cookies)) == (200, "lt", {})
    assert f'<a lang="en" href="?mail={mail.pk}">Good news</a>' in page.content.decode()
    page = client.get(f"/demo/mail/?mail={mail.pk}").content.decode()
    assert "Text &lt;here&gt;" in page
    assert f'src="?mail={mail.pk}&amp;part=html"' in page


def test_a_broken_link_of_an_email_says_what_may_be_wrong_with_it(client):
    answer = client.get("/mail/leave/nera/")
    assert (answer.status_code, "nukopijuota ne visa" in answer.content.decode()) == (404, True)


def test_the_demo_without_emails_helps_on(client):
    assert 'class="empty"' in client.get("/demo/mail/").content.decode()


@pytest.mark.parametrize("number", ["0", "99999", "99999999999999999999", "x", "²"])
def test_an_email_that_is_not_there_is_no_error_of_ours(client, number):
    assert client.get("/demo/mail/", {"mail": number}).status_code in (200, 404)


def test_an_emails_html_may_style_itself_and_nothing_else(client, mail):
    part = client.get(f"/demo/mail/?mail={mail.pk}&part=html")
    assert part.content.decode() == mail.html
    assert part.headers["X-Frame-Options"] == "SAMEORIGIN"
    rules = dict(rule.split(" ", 1) for rule in part.headers["Content-Security-Policy"].split("; "))
    assert (rules["default-src"], rules["style-src"], rules["frame-ancestors"], "script-src" in rules) == (
        "'none'", "'unsafe-inline'", "'self'", False,
    )  # fmt: skip


def test_staff_read_emails_but_not_confidential_ones(client, mail, coordinator):
    client.force_login(coordinator)
    assert "Good news" in client.get("/admin/mail/outgoingmail/").content.decode()
    address = f"/admin/mail/outgoingmail/{mail.pk}/change/"
    assert "Text &lt;here&gt;" in client.get(address).content.decode()
    OutgoingMail.objects.update(confidential=True)
    assert "Text &lt;here&gt;" not in client.get(address).content.decode()
    assert client.get("/admin/mail/outgoingmail/add/").status_code == 403
