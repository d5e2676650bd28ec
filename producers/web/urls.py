"""Addresses without what could name a user of the site."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_USER_PARAMETERS = frozenset(
    "uid userid user_id user username user_name uname uin openid author authorid author_id authoruid account "
    "from_uid fromuid share_uid shareuid sec_uid secuid profile_id nick nickname mobile phone tel email token "
    "sid session sessionid".split()
)
_USER_FOLDERS = frozenset("u user users people member members profile profiles space home author authors uid".split())
_USER_NAMES = re.compile(r"^(?:@.+|(?:space-)?uid[-_=]?\d+.*|space-(?:uid|username)-.+|~.+)$", re.IGNORECASE)
_ID_FIRST = re.compile(r"(?:^|\.)weibo\.(?:com|cn)$")  # weibo.com/<user>/<post>
_REMOVED = "_"


def without_user(url: str) -> str:
    """The address without credentials, fragment, and parts of path or query that name a user."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2].lower()
    pairs = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _USER_PARAMETERS]
    path = "/".join(_clean(parts.hostname or "", parts.path.split("/")))
    return urlunsplit((parts.scheme, netloc, path, urlencode(pairs), ""))


def _clean(host: str, segments: list[str]) -> list[str]:
    cleaned = list(segments)
    for place, segment in enumerate(segments):
        after_folder = place > 0 and segments[place - 1].lower() in _USER_FOLDERS and segment != ""
        first_of_weibo = place == 1 and len(segments) > 2 and segment.isdigit() and _ID_FIRST.search(host)
        if after_folder or first_of_weibo or _USER_NAMES.match(segment):
            cleaned[place] = _REMOVED
    return cleaned
