"""Alerting: what must reach whom, when, why, and what a restart does with open attempts. Pure.

raising    a change of an incident -> an alert, once (``raise_alert``)
rules      the district's policy, roster and channels, checked
board      what is known: alerts, notices, answers; a set that does not mind order or repetition
routing    who is concerned by an incident now
holding    silence, inhibition, hours, digest, grouping, rate: named reasons to wait, each with an end
deciding   ``decide(board, event, now, rules)``: the notices to send, who waits and why, when to look again
resuming   the next channel and try; what a restart does with attempts without a recorded end
wording    what people read, by channel, without what they must not read
"""

from processors.alerting.raising import (
    FIGURE_NAMES,
    STALE_AFTER,
    Raised,
    Ruling,
    Verdict,
    alert_id,
    compose,
    news_time,
    raise_alert,
    reason,
)
from processors.alerting.resuming import Resume, delivery_id, resume

__all__ = [
    "FIGURE_NAMES", "STALE_AFTER", "Raised", "Resume", "Ruling", "Verdict", "alert_id", "compose", "delivery_id",
    "news_time", "raise_alert", "reason", "resume",
]  # fmt: skip
