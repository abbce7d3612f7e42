"""The seed's story in a real browser: an organisation applies, founders vote, the coordinator admits, everyone hears."""

import re
from collections import Counter

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from cluster_portal.base.known import known
from tests.factories import company_code
from tests.processes import eventually

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LEZ = "vadove@example.org"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_from_application_to_announcement(person, inbox, founders, coordinator, settings, live_server):
    settings.SITE_URL = live_server.url
    founders[0].voter.language = "en"
    founders[0].voter.save()

    # A newcomer makes an account and confirms the address.
    page = person()
    page.goto("/prasymai/naujas/")
    page.goto("/paskyra/signup/")
    page.fill("[name=first_name]", "Rasa")
    page.fill("[name=last_name]", "Vadovė")
    page.fill("[name=email]", LEZ)
    page.fill("[name=password1]", "slėnis-ir-kalnas-7")
    page.fill("[name=password2]", "slėnis-ir-kalnas-7")
    page.locator("main form[method=post] button[type=submit]").first.click()
    (mail,) = eventually(lambda: inbox.to(LEZ))
    link = known(re.search(r"https?://\S+/paskyra/confirm-email/\S+", mail.get_body(("plain",)).get_content()))
    page.goto(link[0])
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/confirm-email/" not in url)
    if "/login" in page.url:
        page.fill("[name=login]", LEZ)
        page.fill("[name=password]", "slėnis-ir-kalnas-7")
        page.locator("main form[method=post] button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/login" not in url)

    # It applies, step by step; a wrong check digit asks to look again and loses nothing.
    page.goto("/prasymai/naujas/")
    page.fill("[name=name]", "Marijampolės LEZ")
    page.fill("[name=legal_name]", "UAB „Marijampolės laisvosios ekonominės zonos valdymo bendrovė“")
    page.fill("[name=company_code]", "123456789")
    page.select_option("[name=municipality]", "LT-25")
    page.get_by_role("button", name="Išsaugoti ir tęsti").click()
    expect(page.locator("[name=company_code_confirmed]")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Marijampolės LEZ")
    page.fill("[name=company_code]", company_code(7))
    page.get_by_role("button", name="Išsaugoti ir tęsti").click()
    page.locator("[name=areas]").first.check()
    page.fill("[name=summary_lt]", "Laisvosios ekonominės zonos valdytoja.")
    page.fill("[name=offers]", "sklypai gamybai, infrastruktūra")
    page.get_by_role("button", name="Išsaugoti ir tęsti").click()
    page.fill("[name=contact_name]", "Rasa Vadovė")
    page.fill("[name=motivation]", "Norime pažinti šalies gamintojus.")
    page.get_by_role("button", name="Išsaugoti ir tęsti").click()
    page.set_input_files("[name=file]", {"name": "apie mus.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Pridėti failą").click()
    expect(page.get_by_role("link", name="apie mus.pdf")).to_be_visible()
    page.get_by_role("button", name="Tęsti", exact=True).click()
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Pateikti prašymą").click()
    page.wait_for_url(re.compile(r"/prasymai/\d+/$"))
    status_page = page.url
    expect(page.locator(".status-submitted")).to_be_visible()
    pk = known(re.search(r"(\d+)/$", status_page))[1]

    # The coordinator asks for one clarification, and the applicant answers.
    desk = person(coordinator.email)
    step(desk, pk, "request_information", question="Kiek sklypų siūlote?")
    page.goto(status_page)
    assert "Kiek sklypų siūlote?" in page.locator("main").inner_text()
    page.fill("[name=answer]", "Dvylika.")
    page.get_by_role("button", name="Siųsti atsakymą").click()
    expect(page.locator(".status-submitted")).to_be_visible()
    step(desk, pk, "open_voting")

    # The founders vote in their own sessions, one on a phone; the third vote for decides.
    for number, founder in enumerate(founders[:3]):
        ballot = person(founder.voter.email, 360 if number == 0 else 1280)
        ballot.goto(f"/balsavimai/{pk}/")
        ballot.locator("[name=choice][value=for]").check()
        ballot.fill("[name=comment]", "Pritariame.")
        ballot.get_by_role("button", name="Balsuoti", exact=True).click()
        ballot.wait_for_load_state()
        assert "/balsavimai/" in ballot.url
    late = person(founders[3].voter.email)
    late.goto(f"/balsavimai/{pk}/")
    assert late.locator("[name=choice]").count() == 0

    # The coordinator admits, and a second admission is refused.
    look_at_the_announcement(desk, pk)
    step(desk, pk, "admit")
    desk.goto(f"/admin/applications/application/{pk}/admit/")
    assert desk.locator("button.default").count() == 0

    # Directory, home page, news and both feeds show it; nobody needs an account for that.
    anyone = person()
    for path in ("/nariai/?q=marijampoles", "/nariai/marijampoles-lez/", "/", "/en/", "/en/members/"):
        anyone.goto(path)
        assert "Marijampolės LEZ" in anyone.locator("main").inner_text()
    anyone.goto("/naujienos/")
    assert "„Marijampolės LEZ“ tapo Gamybos inovacijų slėnio klasterio nare" in anyone.locator("main").inner_text()
    for feed in ("/naujienos/atom.xml", "/en/news/atom.xml"):
        assert "Marijampolės LEZ" in anyone.request.get(feed).text()
    assert anyone.request.get("/api/v1/members?q=marijampoles").json()["results"][0]["slug"] == "marijampoles-lez"
    assert anyone.context.cookies() == []

    # Every email came once, each in its recipient's language.
    voters = [founder.voter.email for founder in founders]
    expected = Counter({LEZ: 4, coordinator.email: 3, **dict.fromkeys(voters, 3)})
    eventually(lambda: len(inbox.mails) >= expected.total())
    assert Counter(to for to, _message in inbox.mails) == expected
    assert len({message["Message-ID"] for _to, message in inbox.mails}) == expected.total()
    languages = {to: {message["Content-Language"] for message in inbox.to(to)} for to in expected}
    assert languages == {**{to: {"lt"} for to in expected}, voters[0]: {"en"}}
    assert django_settings.EMAIL_URL == ""  # the web process itself sent nothing


def look_at_the_announcement(desk, pk: str) -> None:
    """The emails of an admission open in a frame with the words as they are typed; nobody is admitted by it."""
    desk.goto(f"/admin/applications/application/{pk}/admit/")
    desk.locator("#step summary").click()
    desk.fill("[name=text_lt]", "Džiaugiamės!\n\n[Skaityti]({post})")
    announced = desk.locator(".desk-letters > li").filter(has_text="Prie klasterio prisijungė")
    announced.get_by_role("button", name="Peržiūrėti laišką").click()
    desk.frame_locator("iframe[name=mail-preview]").get_by_text("Džiaugiamės!").wait_for()
    assert desk.url.endswith("/admit/")


def step(desk, pk: str, verb: str, **fields: str) -> None:
    """Take one of the coordinator's steps from the desk: its page says what will happen, the button does it."""
    desk.goto(f"/admin/applications/application/{pk}/change/")
    desk.locator(f".desk-steps a[href*='/{verb}/']").click()
    for name, value in fields.items():
        desk.fill(f"[name={name}]", value)
    for _page in range(2):  # a step that needs words shows its preview after them
        desk.locator("#content form button.default, #content form button[type=submit]").first.click()
        desk.wait_for_load_state()
        if f"/{verb}/" not in desk.url:
            break
    assert desk.url.endswith(f"/{pk}/change/"), desk.locator("#content").inner_text()
