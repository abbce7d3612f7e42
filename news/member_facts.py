"""What the news tells on a member's page: the newest posts about it."""

from datetime import datetime
from typing import Any

from news.models import Post

POSTS = """
SELECT json_agg(post ORDER BY published_at DESC, id DESC) FROM (
    SELECT id, slug, title_lt, title_en, published_at FROM news_post
    WHERE member_id = member.id AND status = 'published' AND published_at <= %(now)s
    ORDER BY published_at DESC, id DESC LIMIT 5
) AS post
"""


def posts(rows: list[dict[str, Any]] | None) -> list[Post]:
    """The posts, the newest first."""
    return [Post(**{**row, "published_at": datetime.fromisoformat(row["published_at"])}) for row in rows or ()]
