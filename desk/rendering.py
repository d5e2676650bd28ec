"""Pages made on the server: one environment of templates, one way to render."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi.responses import HTMLResponse

from desk.accounts import Account, Right, Role
from desk.rows import item_row, item_rows, level
from desk.services import Desk
from desk.views import environment
from schemas.base import CHINA

TEMPLATES = environment()
TEMPLATES.globals |= {"item_row": item_row, "item_rows": item_rows, "level": level}
HOMES = {Role.LEADER: "/leader", Role.DUTY: "/duty/board", Role.SUPERVISOR: "/instructions"}
"""Where some begin after they log in."""
_WEEKDAYS = "一二三四五六日"


def render(
    desk: Desk,
    who: Account | None,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page in the desk's frame. ``who`` is None before login."""
    names = Names(desk)
    page = TEMPLATES.get_template(template).render(
        who=who,
        person=names.shown,
        places_of=places_of,
        district_name=desk.deps.district_name,
        district_level=desk.deps.district_level,
        outside_login=desk.deps.oidc.label if desk.deps.oidc else "",
        broker_away=desk.broker.away,
        now=long_clock(desk.deps.clock.now()),
        source_names=desk.source_names,
        rule_names=desk.deps.rule_names,
        **values,
    )
    return HTMLResponse(page, status_code=status, headers=headers)


class Names:
    """What pages call people, asked of the database once a page and only by pages that name somebody."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._names: dict[str, str] | None = None

    def shown(self, name: str) -> str:
        """The display name of a login name; a name that is no account's (a person of the roster) as it is."""
        if self._names is None:
            self._names = self._desk.people.shown_names()
        return self._names.get(name, name)


def places_of(who: Account) -> list[tuple[str, str]]:
    """The entries of the menu for a person: path and name. Some begin with a page of their own."""
    reading = [
        ("/", "今日"), ("/items", "信息"), ("/duty", "报送台账"), ("/bulletins", "刊物"), ("/instructions", "批示"),
        ("/stats", "统计"), ("/duty/board", "值班台"),
    ]  # fmt: skip
    if who.may(Right.EDIT):
        reading.insert(1, ("/queue", "待办"))
        reading.insert(3, ("/commissions", "约稿"))
    filing = [("/report", "报送")] + (
        [] if who.may(Right.READ) else [("/mine", "我报过的"), ("/commissions", "约稿"), ("/points", "计分")]
    )
    found = [
        *(reading if who.may(Right.READ) else []),
        *([("/cases", "线索"), ("/points", "计分")] if who.may(Right.APPRAISE) else []),
        *([("/leader", "领导")] if who.may(Right.LEAD) else []),
        *(filing if who.may(Right.FILE) else []),
        *([("/instructions", "批示件")] if who.may(Right.ANSWER) else []),
        *([("/admin/people", "账号")] if who.may(Right.ADMINISTER) else []),
    ]
    return sorted(found, key=lambda place: place[0] != HOMES.get(who.role))


def long_clock(moment: datetime) -> str:
    """2026年11月20日 星期五 07:30"""
    there = moment.astimezone(CHINA)
    return f"{there.year}年{there.month}月{there.day}日 星期{_WEEKDAYS[there.weekday()]} {there:%H:%M}"
