"""What a person reads: the title, the whole text, the short one; without what they must not read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from processors.alerting import sms
from processors.document import narrow
from processors.pii import find_pii, mask
from schemas.alert import Alert, Notice, Purpose
from schemas.subscription import Policy
from schemas.vocab import Lane

MOST_LISTED = 20
"""Incidents listed by name in one message for several."""


@dataclass(frozen=True, slots=True)
class Words:
    """``short``: the pieces of a short message, the most important first; ``rest``: what may be left out."""

    title: str
    text: str
    short: tuple[str, ...]
    rest: tuple[str, ...] = ()

    def sms(self, link: str, parts: int) -> str:
        """The short message."""
        return sms.compose(self.short, link, self.rest, parts)


def words(notice: Notice, alerts: Sequence[Alert], policy: Policy, *, repeated: bool) -> Words:
    """What ``notice`` says of ``alerts``. A second copy says 重复 first, so that nobody acts twice."""
    seen = [shown_to(one, notice, policy) for one in alerts]
    marks = ["重复"] if repeated else []
    if notice.purpose is not Purpose.FIRST:
        marks.append(notice.purpose.label)
    prefix = "".join(f"【{one}】" for one in marks)
    return _several(prefix, seen) if len(seen) > 1 else _single(prefix, seen[0])


def shown_to(alert: Alert, notice: Notice, policy: Policy) -> Alert:
    """The alert as a reader may see it.

    Somebody of a department reads no personal data; and where citizens spoke, neither their words nor where they said
    them: the title is made of type and place, sources and items are left out.
    """
    if not notice.unit:
        return alert
    if not set(alert.lanes) & set(policy.complaint_lanes):
        return alert.model_copy(update={"title": _masked(alert.title), "text": _masked(alert.text), "sources": ()})
    level = alert.level.label if alert.level else "级别待定"
    what = f"{'、'.join(alert.places)}{alert.event_type or alert.event_class or '突发事件'}"
    title = f"【{alert.stage.label}·{level}】{what}"
    return alert.model_copy(
        update={"title": title, "text": f"{what}，请核实处置。", "doubts": (), "item_ids": (), "sources": ()}
    )


def _single(prefix: str, alert: Alert) -> Words:
    doubts = [f"存疑：{one}" for one in alert.doubts]
    text = "\n".join([alert.text, *doubts])
    level = alert.level.label if alert.level else "级别待定"
    unsigned = "" if alert.signed else "未经核实"
    return Words(
        title=f"{prefix}{alert.title}",
        text=text,
        short=(f"{prefix}{level}", alert.text.rstrip("。"), unsigned),
        rest=(alert.title, *doubts),
    )


def _several(prefix: str, alerts: Sequence[Alert]) -> Words:
    listed = [f"{number}. {one.title} {one.text}" for number, one in enumerate(alerts[:MOST_LISTED], start=1)]
    if len(alerts) > MOST_LISTED:
        listed.append(f"另有{len(alerts) - MOST_LISTED}件，请登录查看。")
    head = f"{prefix}{len(alerts)}件突发事件"
    return Words(head, "\n".join(listed), (head, "请登录查看"), tuple(one.title for one in alerts))


def _masked(text: str) -> str:
    return mask(text, find_pii(narrow(text), Lane.OPINION))
