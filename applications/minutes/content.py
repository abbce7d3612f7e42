"""What the minutes' content may lack: an older version wrote it without what came later, a newer one has given something up."""

from typing import Any

UNKNOWN = "–"  # where a sentence needs the word
VOTE = {
    "choice": UNKNOWN, "comment": "", "manner": UNKNOWN, "cast_at": UNKNOWN, "by": UNKNOWN, "decided_on": UNKNOWN,
    "reference": UNKNOWN, "objected_at": "", "objection": UNKNOWN,
}  # fmt: skip
RECUSAL = {"interest": UNKNOWN, "word": "", "manner": UNKNOWN, "declared_at": UNKNOWN, "by": UNKNOWN}
SHAPE = {
    "applicant": {"name": "", "legal_name": "", "company_code": "", "municipality": {"lt": "", "en": ""}},
    "is_example": False,
    "submitted_at": UNKNOWN,
    "rule": {},
    "opened_at": UNKNOWN,
    "closes_at": UNKNOWN,
    "closed_at": UNKNOWN,
    "course": [{"event": UNKNOWN, "at": UNKNOWN, "outcome": UNKNOWN, "until": UNKNOWN, "reason": ""}],
    "founders": [{"name": UNKNOWN, "legal_name": "", "vote": None, "recusal": None}],
    "count": dict.fromkeys(
        ("founders", "recused", "entitled", "needed", "voted", "for", "against", "abstain", "missing")
    ),
    "outcome": UNKNOWN,
    "supersedes": [{"number": UNKNOWN, "issued_at": UNKNOWN}],
}


def completed(content: dict[str, Any]) -> dict[str, Any]:
    """The content of minutes (see `issuing.content_of`) with something that claims nothing for whatever it lacks."""
    whole = filled(content, SHAPE)
    for founder in whole["founders"]:
        for name, shape in (("vote", VOTE), ("recusal", RECUSAL)):
            founder[name] = founder[name] and filled(founder[name], shape)
    return whole


def filled(kept: Any, shape: Any) -> Any:
    """`kept` with what it lacks of `shape`; the entries of a list have the shape of the list's one."""
    if isinstance(shape, dict):
        kept = kept or {}
        return kept | {name: filled(kept.get(name), inner) for name, inner in shape.items()}
    if isinstance(shape, list):
        return [filled(entry, shape[0]) for entry in kept or []]
    return shape if kept is None else kept
