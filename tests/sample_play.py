"""The sample day judged without engines: every item in order of arrival, as the assess workers would hand it on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from huiyao.judges import make_judge
from huiyao.wiring import mask_post
from producers.opinion.pages import Post
from schemas.assessment import AssessedItem, Origin
from schemas.item import Item
from schemas.vocab import Lane
from streams.ports import AssessInput
from streams.roles.assess import signal_of
from tests.unit.test_sample_day import BASE, REPORTS, crawled, day, district, polled

MODELS = Path(__file__).parents[1] / "models"


def signals() -> list[AssessedItem]:
    """What stands on ``items.signals`` at the end of the day, in order of arrival."""
    with TemporaryDirectory() as folder:
        arrivals = _arrivals(Path(folder))
    judge = make_judge(district, MODELS)
    origin = Origin(topic="t", partition=0, offset=0)
    judged = judge.assess([AssessInput(item, at, origin) for at, item in arrivals])
    return [signal_of(one) for one in judged if isinstance(one, AssessedItem)]


def _arrivals(folder: Path) -> list[tuple[datetime, Item]]:
    for file in day.sources.rglob("*.yml"):
        target = folder / file.relative_to(day.sources)
        target.parent.mkdir(exist_ok=True)
        target.write_text(file.read_text("utf-8").replace("{base}", BASE).replace("{host}", "127.0.0.1"), "utf-8")
    reports = [(at, item) for at, _, item in REPORTS]
    posts = [(_crawl_of(post), _item(post)) for post in crawled(folder)[0]]
    return sorted([*reports, *polled(folder), *posts], key=lambda one: one[0])


def _crawl_of(post: Post) -> datetime:
    """The first visit of the forum after the post."""
    return min(moment.at for moment in day.moments if moment.forum and moment.at >= post.published)


def _item(post: Post) -> Item:
    (title, _), (text, _) = mask_post(post.title), mask_post(post.text)
    return Item(
        id=post.key,
        lane=Lane.OPINION,
        source="虔城论坛",
        title=title,
        text=text,
        published_at=post.published,
        url=post.url,
    )
