"""What applicants may attach: known by its content, redrawn, counted, kept where nobody else finds it."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter

from applications.models import Attachment
from tests import factories

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parents[1] / "cases"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.fixture
def draft(applicant):
    return factories.application(applicant)


@pytest.fixture
def attach(client, applicant, draft):
    """Sends one file to the attachments' page; gives the response."""
    client.force_login(applicant)

    def send(name: str, content: bytes, prefix: str = "/prasymai", **more):
        return client.post(
            f"{prefix}/{draft.pk}/attachments/", {"file": SimpleUploadedFile(name, content, "application/pdf"), **more}
        )

    return send


def picture(image_format: str, mode: str = "RGB", **options) -> bytes:
    output = io.BytesIO()
    Image.new(mode, (8, 6)).save(output, image_format, **options)
    return output.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that claims 30 000 × 30 000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def locked(password: str) -> bytes:
    """A PDF that its author restricts; it opens with `password`."""
    writer, output = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt(password, "author", algorithm="AES-256")
    writer.write(output)
    return output.getvalue()


def kept(draft) -> list[str]:
    return list(draft.attachments.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("name", "content", "kept_as"),
    [
        ("apie mus.pdf", PDF, "apie mus.pdf"),
        ("UAB „Alfa“ – apie  mus .pdf", PDF, "UAB „Alfa“ – apie mus.pdf"),
        ((CASES / "attachment-name-nfd.txt").read_text().strip(), PDF, "Įmonės įstatai (2024), Šiauliai.pdf"),
        ('a<b>: "c" | d?*.pdf', PDF, "ab c d.pdf"),
        ("\u202efdp.exe\u200b.pdf", PDF, "fdp.exe.pdf"),
        ("blank.pdf", (CASES / "pdf-blank-line-before-header-refused.pdf").read_bytes(), "blank.pdf"),
        ("mark.pdf", b" " * 1019 + PDF, "mark.pdf"),
        ("owner.pdf", locked(""), "owner.pdf"),
        ("judantis.png", (CASES / "apng-refused-as-not-png.png").read_bytes(), "judantis.png"),
        ("nuotrauka.jpeg", picture("JPEG"), "nuotrauka.jpg"),
        ("ženklas.PNG", picture("PNG", "RGBA"), "ženklas.png"),
        ("x.webp", picture("WEBP"), "x.webp"),
        ("tikrai.txt", picture("PNG", "P"), "tikrai.png"),
        ("„“.pdf", PDF, "file.pdf"),
        ("...pdf", PDF, "file.pdf"),
        ("漢" * 300 + ".pdf", PDF, "漢" * 100 + ".pdf"),
        ("../../../etc/passwd", PDF, "passwd.pdf"),
    ],
)
def test_pdf_and_pictures_are_kept_under_a_name_that_any_machine_can_hold(attach, draft, name, content, kept_as):
    assert attach(name, content).status_code == 302
    assert kept(draft) == [kept_as]


BAD = {
    "an empty file": ("a.pdf", b"", "tuščias"),
    "HTML as PDF": ("a.pdf", HTML, "Priimami tik"),
    "HTML behind the mark of a PDF": ("a.pdf", b"%PDF-1.4\n" + HTML, "PDF failas sugadintas"),
    "a PDF cut short": ("a.pdf", PDF[:30], "PDF failas sugadintas"),
    "an SVG": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Priimami tik"),
    "an SVG as PNG": ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Priimami tik"),
    "a GIF": ("a.gif", picture("GIF", "P"), "Priimami tik"),
    "a program": ("a.pdf", b"MZ" + bytes(200), "Priimami tik"),
    "an archive": ("a.pdf", b"PK\x03\x04" + bytes(200), "Priimami tik"),
    "a PNG cut short": ("a.png", picture("PNG")[:40], "nepavyksta perskaityti"),
    "a JPEG of a mark alone": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "nepavyksta perskaityti"),
    "a broken WebP": ("a.webp", picture("WEBP")[:16] + b"\xff" * 40, "nepavyksta perskaityti"),
    "a PDF whose mark comes late": ("a.pdf", b" " * 1020 + PDF, "Priimami tik"),
    "a PDF that needs a password": (
        "a.pdf",
        (CASES / "pdf-password-locked-accepted.pdf").read_bytes(),
        "be slaptažodžio",
    ),
    "a PDF that needs a password, of today": ("a.pdf", locked("slapta"), "be slaptažodžio"),
    "a bomb": ("a.png", bomb(), "Paveikslėl"),
}


@pytest.mark.parametrize("what", BAD)
def test_anything_else_is_refused_in_plain_words(attach, draft, what):
    name, content, words = BAD[what]
    response = attach(name, content)
    assert response.status_code == 422
    assert words in response.context["form"].errors["file"][0]
    assert kept(draft) == []
    assert "cannot" not in response.content.decode()


@pytest.mark.parametrize("what", BAD)
def test_in_english_too(attach, what):
    name, content, _words = BAD[what]
    response = attach(name, content, "/en/applications")
    assert response.status_code == 422
    assert response.context["form"].errors["file"][0].isascii()


@pytest.mark.parametrize(("image_format", "options"), [("PNG", {}), ("JPEG", {"comment": HTML}), ("WEBP", {})])
def test_whatever_hides_in_a_picture_is_gone(attach, draft, image_format, options):
    polyglot = picture(image_format, icc_profile=HTML, **options) + HTML
    assert attach("a.png", polyglot).status_code == 302
    with draft.attachments.get().file.open() as file:
        content = file.read()
    assert b"script" not in content
    assert Image.open(io.BytesIO(content)).info.get("icc_profile") is None


def test_a_transparent_picture_stays_so_and_a_turned_one_is_upright(attach, draft):
    palette = Image.new("P", (8, 6))
    output = io.BytesIO()
    palette.save(output, "PNG", transparency=0)
    attach("a.png", output.getvalue())
    exif = Image.Exif()
    exif[0x0112] = 6
    attach("b.jpg", picture("JPEG", exif=exif))
    first, second = draft.attachments.all()
    with first.file.open() as file:
        assert Image.open(file).getchannel("A").getpixel((0, 0)) == 0
    with second.file.open() as file:
        assert Image.open(file).size == (6, 8)


def test_the_limit_of_size_is_the_settings_and_the_form_says_it(attach, client, draft, settings):
    settings.ATTACHMENT_MAX_BYTES = 3 * 512 * 1024
    page = client.get(f"/prasymai/{draft.pk}/attachments/").content.decode()
    assert "ne daugiau kaip 1,5\N{NO-BREAK SPACE}MB." in page
    response = attach("a.pdf", PDF + bytes(3 * 512 * 1024))
    assert response.context["form"].errors["file"] == ["Failas per didelis: daugiausia 1,5\N{NO-BREAK SPACE}MB."]
    settings.ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024
    assert "10\N{NO-BREAK SPACE}MB" in client.get(f"/prasymai/{draft.pk}/attachments/").content.decode()


def test_no_more_than_the_settings_allow(attach, client, draft, settings):
    settings.ATTACHMENTS_MAX = 2
    statuses = [attach(f"{number}.pdf", PDF).status_code for number in range(3)]
    assert statuses == [302, 302, 422]
    assert kept(draft) == ["0.pdf", "1.pdf"]
    page = client.get(f"/prasymai/{draft.pk}/attachments/").content.decode()
    assert "Galima pridėti ne daugiau kaip 2 failus." in page
    assert 'type="file"' not in page


def test_continue_takes_the_chosen_file_along(attach, client, draft):
    review = f"/prasymai/{draft.pk}/review/"
    assert attach("a.pdf", PDF, **{"continue": "1"}).url == review
    assert kept(draft) == ["a.pdf"]
    assert client.post(f"/prasymai/{draft.pk}/attachments/", {"continue": "1"}).url == review
    assert attach("a.pdf", HTML, **{"continue": "1"}).status_code == 422


def test_no_file_chosen_is_said(client, applicant, draft):
    client.force_login(applicant)
    response = client.post(f"/prasymai/{draft.pk}/attachments/", {})
    assert response.context["form"].errors["file"] == ["Pasirinkite failą."]


def test_removing_twice_is_no_error_and_the_file_is_gone(
    attach, client, draft, applicant, django_capture_on_commit_callbacks
):
    attach("a.pdf", PDF)
    attachment = draft.attachments.get()
    url = f"/prasymai/{draft.pk}/attachments/{attachment.pk}/remove/"
    assert client.get(url).status_code == 302
    assert kept(draft) == ["a.pdf"]
    with django_capture_on_commit_callbacks(execute=True):
        statuses = [client.post(url).status_code for _time in range(2)]
    assert statuses == [302, 302]
    assert kept(draft) == []
    assert not attachment.file.storage.exists(attachment.file.name)


def test_nothing_is_attached_or_removed_once_the_application_has_moved_on(attach, client, draft):
    attach("a.pdf", PDF)
    attachment = draft.attachments.get()
    client.post(f"/prasymai/{draft.pk}/review/", {"consent": "on"})
    assert attach("b.pdf", PDF).url == f"/prasymai/{draft.pk}/"
    client.post(f"/prasymai/{draft.pk}/attachments/{attachment.pk}/remove/")
    assert kept(draft) == ["a.pdf"]


def test_anothers_attachments_are_not_found(attach, client, draft):
    attach("a.pdf", PDF)
    attachment = draft.attachments.get()
    client.force_login(factories.person())
    url = f"/prasymai/{draft.pk}/attachments/{attachment.pk}/"
    assert [client.get(url).status_code, client.post(f"{url}remove/").status_code] == [404, 404]
    assert kept(draft) == ["a.pdf"]


def test_a_download_is_never_a_page_and_a_lost_file_is_not_found(attach, client, draft):
    attach("ąžuolas.pdf", PDF)
    attachment = draft.attachments.get()
    url = f"/prasymai/{draft.pk}/attachments/{attachment.pk}/"
    response = client.get(url)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("inline;")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    attachment.file.storage.delete(attachment.file.name)
    assert client.get(url).status_code == 404
    assert Attachment.objects.count() == 1
