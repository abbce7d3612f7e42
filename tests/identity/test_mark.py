"""A cluster's mark keeps its shapes and nothing else, whatever the file holds; what cannot be kept is refused in words."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from cluster_portal.identity.mark import DEPTH_MAX, LENGTH_MAX, clean_mark, coloured, in_page
from cluster_portal.identity.models import PLAIN_MARK

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" fill="currentColor">'
DOT = '<circle cx="5" cy="5" r="4"/>'
# What a cleaned mark may consist of: groups and shapes, with plain attributes.
KEPT = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg"(?: [a-zA-Z-]+="[^"<>&:]*")*>'
    r'(?:<(?:g|path|circle|ellipse|rect|line|polyline|polygon)(?: [a-zA-Z0-9-]+="[^"<>&:;]*")*/?>|</g>)+</svg>'
)


def drawing(inner: str, attributes: str = "") -> str:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {names} viewBox="0 0 10 10" {attributes}>{inner}{DOT}</svg>'


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        '<script href="https://evil.example/a.js"/>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></body></foreignObject>',
        '<a xlink:href="javascript:alert(1)"><circle r="1"/></a>',
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onload" to="alert(1)"/>',
        '<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example/"/>',
        '<circle xmlns="urn:of-something-else" r="1"/>',
        "<title>Ženklas</title><desc>&lt;script&gt;</desc><metadata/>",
        '<!-- <script>alert(1)</script> --><?xml-stylesheet href="https://evil.example/a.css"?>',
        "<![CDATA[<script>alert(1)</script>]]>",
    ],
)
def test_what_is_no_drawing_is_left_out(inner):
    assert clean_mark(drawing(inner)) == HEAD + DOT + "</svg>"


@pytest.mark.parametrize(
    "attributes",
    [
        'onload="alert(1)"',
        'onclick="alert(1)" tabindex="1"',
        'style="background:url(https://evil.example/a.png)"',
        'style="fill:url(https://evil.example/a.svg#a)"',
        'fill="url(#a)" filter="url(https://evil.example/a.svg#b)"',
        'stroke="url(javascript:alert(1))"',
        'class="a" id="content"',
        'xlink:href="https://evil.example/"',
        'href="data:text/html,a"',
        'transform="translate(1) url(https://evil.example/)"',
        'fill="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"',
    ],
)
def test_an_attribute_that_is_more_than_a_looks_is_left_out(attributes):
    assert clean_mark(drawing("", attributes)) == HEAD + DOT + "</svg>"
    shape = f'<rect width="1" height="1" {attributes}/>'
    assert clean_mark(drawing(shape)) == f'{HEAD}<rect width="1" height="1"/>{DOT}</svg>'


BILLION = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
)
REFUSED = {
    "no SVG": ("Sveiki", "cannot be read"),
    "cut short": ("<svg", "cannot be read from line 1"),
    "HTML": ("<html><body/></html>", "outermost element"),
    "another namespace": ("<svg viewBox='0 0 1 1'><circle r='1'/></svg>", "SVG namespace"),
    "entities that grow": (BILLION + drawing("<title>&c;</title>"), "defines entities"),
    "a file as an entity": (
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + drawing("&a;"),
        "defines entities",
    ),
    "an entity in small letters": ('<!doctype svg [<!entity a "b">]>' + drawing(""), "defines entities"),
    "an entity of nowhere": (drawing("&a;"), "cannot be read"),
    "a style sheet": (drawing("<style>@import url(https://evil.example/a.css);</style>"), "<style>"),
    "a picture": (drawing('<image xlink:href="https://evil.example/a.png"/>'), "<image>"),
    "a copy of what is elsewhere": (drawing('<use href="https://evil.example/a.svg#b"/>'), "<use>"),
    "a copy in a group": (drawing("<g><g><use/></g></g>"), "<use>"),
    "a gradient": (drawing("<linearGradient/>"), "<linearGradient>"),
    "text": (drawing("<text>A</text>"), "<text>"),
    "nothing": (drawing("").replace(DOT, ""), "holds no shape"),
    "groups of nothing": (drawing("<g><g/></g>").replace(DOT, ""), "holds no shape"),
    "only a script": (drawing("<script/>").replace(DOT, ""), "holds no shape"),
    "no size": (drawing("").replace('viewBox="0 0 10 10"', ""), "viewBox"),
    "endless width": (drawing("").replace('viewBox="0 0 10 10"', 'width="1e999" height="5"'), "viewBox"),
    "groups without end": (drawing("<g>" * 2000 + DOT + "</g>" * 2000), f"more than {DEPTH_MAX} groups"),
    "too long": (drawing(DOT * 1000), f"at most {LENGTH_MAX}"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_drawing_of_shapes_is_refused_in_words(what):
    text, words = REFUSED[what]
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        clean_mark(text)
    assert words in " ".join(refused.value.messages)


def test_a_drawing_of_a_drawing_program_stays_what_it_looks_like():
    text = """\ufeff<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="32px" height="16px" version="1.1" id="a" xmlns="http://www.w3.org/2000/svg"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:version="1.3">
  <inkscape:grid/><defs/>
  <g style="fill: #00FF00; stroke-width: 2px; font-family: Arial" transform="translate(1, 2) scale(.5)" inkscape:label="a">
    <path d="M 0,0 C 1,1 2,2 3,3 z" fill="currentcolor"/>
    <rect x="1" width="2" height="2" rx="0.5" opacity=".5"/>
  </g>
</svg>"""
    assert clean_mark(text) == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 16" fill="currentColor">'
        '<g transform="translate(1, 2) scale(.5)" fill="#00FF00" stroke-width="2">'
        '<path d="M 0,0 C 1,1 2,2 3,3 z" fill="currentColor"/>'
        '<rect x="1" width="2" height="2" rx="0.5" opacity=".5"/></g></svg>'
    )


@pytest.mark.parametrize(
    "text",
    [
        PLAIN_MARK,
        "<!doctype svg>" + PLAIN_MARK,
        drawing('<g><g fill="red">' + DOT + "</g></g>"),
        drawing("", 'fill="none"'),
    ],
)
def test_a_cleaned_mark_is_its_own_clean_form(text):
    kept = clean_mark(text)
    assert KEPT.fullmatch(kept)
    assert clean_mark(kept) == kept


def test_the_mark_takes_the_colour_of_its_place():
    kept = clean_mark(drawing('<path d="M0 0H1" stroke="CURRENTCOLOR"/>'))
    assert "currentcolor" not in coloured(kept, "#7a1f5c").lower()
    assert coloured(kept, "#7a1f5c").count("#7a1f5c") == 2
    assert in_page(kept, 40).startswith('<svg class="brand-mark" width="40" height="40" aria-hidden="true"')
