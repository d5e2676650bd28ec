"""Drafts with revisions, sign-off by a second person, gapless numbers, errata and withdrawal, in a real database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from desk.accounts import Account, Role
from desk.database import Database
from desk.drafts import Draft, DraftConflict, State, arranged, noticed, proposed, reopened, sent_back, signed
from desk.issuing import Issuing, Sought
from desk.outbox import Outbox
from desk.uses import Use
from huiyao.districts import load_district
from huiyao.rules import bulletin_rules
from huiyao.settings import load_settings
from processors import arranging
from processors.bulletin_rules import Numbering
from schemas.bulletin import Bulletin, BulletinEntry, BulletinSection
from schemas.errors import BrokerUnavailable, DistrictError, InvalidItem
from schemas.vocab import BulletinName
from tests.unit.desk.conftest import FakeDecisions
from tests.unit.publishers.bulletin_samples import full_bulletin

Address = Path | str
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
RULES = bulletin_rules(load_district(load_settings().district_dir))
HUIYAO, XINXI = BulletinName.HUIYAO, BulletinName.XINXI
ENTRY = BulletinEntry(item_ids=("a",), title="沙石镇边坡滑塌", text="3人受伤。", notes=("总数不符",))


def content(name: BulletinName, day: str) -> Bulletin:
    return full_bulletin(
        name=name, title=RULES[name].title, date=day, issue_number=None, total_number=None, draft=True, charts=(),
        sections=(BulletinSection(name="区内动态", entries=(ENTRY, ENTRY.model_copy(update={"item_ids": ("b",)}))),),
    )  # fmt: skip


def opened(address: Address, rules: object = RULES) -> Issuing:
    return Issuing(Database(address), rules)  # type: ignore[arg-type]


def begun(issuing: Issuing, day: str, name: BulletinName = HUIYAO) -> Draft:
    period = issuing.period(name, date.fromisoformat(day))
    made = Draft(name=name, period=period, revision=0, bulletin=content(name, day), seen=("a", "b"))
    return issuing.drafts.begin(made, "王编辑", NOON, "开始编排")


def step(
    issuing: Issuing, draft: Draft, change: Callable[[Draft], Draft], by: str = "王编辑", what: str = "改"
) -> Draft:
    return issuing.drafts.change(draft.name, draft.period, draft.revision, change, by=by, at=NOON, what=what)


def test_only_what_waits_for_a_signature_is_read_for_those_who_sign(address: Address) -> None:
    issuing = opened(address)
    step(issuing, begun(issuing, "2026-11-19"), proposed("wang"))
    begun(issuing, "2026-11-20")
    database = Database(address)
    with database.transaction() as connection:
        connection.execute("UPDATE bulletin_drafts SET body = ? WHERE period = ?", ("unread", "2026-11-20"))
    assert [one.period for one in issuing.drafts.proposed()] == ["2026-11-19"]
    back = step(issuing, issuing.drafts.proposed()[0], reopened)
    assert issuing.drafts.proposed() == []
    assert back.state is State.ARRANGING


def test_a_database_of_before_learns_which_drafts_wait(tmp_path: Path) -> None:
    address = tmp_path / "d.sqlite3"
    issuing = opened(address)
    step(issuing, begun(issuing, "2026-11-19"), proposed("wang"))
    begun(issuing, "2026-11-20")
    with Database(address).transaction() as connection:
        connection.execute("ALTER TABLE bulletin_drafts DROP COLUMN state")
    assert [one.period for one in opened(address).drafts.proposed()] == ["2026-11-19"]


def signed_draft(issuing: Issuing, day: str, name: BulletinName = HUIYAO) -> Draft:
    draft = step(issuing, begun(issuing, day, name), proposed("wang"))
    return step(issuing, draft, signed("li"), by="li")


def issue(issuing: Issuing, day: str, name: BulletinName = HUIYAO, at: datetime = NOON) -> Bulletin:
    draft = signed_draft(issuing, day, name)
    return issuing.publish(name, draft.period, draft.revision, by="wang", at=at, signer="李主任", editor="王编辑")


def test_of_two_editors_the_second_is_told_and_nothing_is_overwritten(address: Address) -> None:
    issuing = opened(address)
    draft = begun(issuing, "2026-11-20")
    down = arranged(lambda b: arranging.shift(b, "a", 1))
    first = step(issuing, draft, down, by="wang", what="下移一条")
    with pytest.raises(DraftConflict) as caught:
        step(issuing, draft, arranged(lambda b: arranging.take_out(b, "a")), by="zhao")
    assert [(one.by, one.what) for one in caught.value.since] == [("wang", "下移一条")]
    kept = opened(address).drafts.of(HUIYAO, "2026-11-20")  # as another process finds it
    assert kept == first
    assert [one.item_ids for one in arranging.entries_of(first.bulletin)] == [("b",), ("a",)]


def test_beginning_twice_keeps_the_first(address: Address) -> None:
    issuing = opened(address)
    first = step(issuing, begun(issuing, "2026-11-20"), noticed(["n"]))
    assert begun(issuing, "2026-11-20") == first
    assert first.seen == ("a", "b", "n")


def test_a_refused_change_leaves_the_draft(address: Address) -> None:
    issuing = opened(address)
    draft = begun(issuing, "2026-11-20")
    with pytest.raises(InvalidItem):
        step(issuing, draft, arranged(lambda b: arranging.shift(b, "nothing", 1)))
    assert issuing.drafts.of(HUIYAO, "2026-11-20") == draft


def test_signing_takes_two_and_stops_arranging(address: Address) -> None:
    issuing = opened(address)
    draft = step(issuing, begun(issuing, "2026-11-20"), proposed("wang"))
    for change in (signed("wang"), arranged(lambda b: arranging.take_out(b, "a")), proposed("wang")):
        with pytest.raises(InvalidItem):
            step(issuing, draft, change)
    with pytest.raises(InvalidItem, match="not signed"):
        issuing.publish(HUIYAO, draft.period, draft.revision, by="wang", at=NOON)
    back = step(issuing, draft, reopened, by="li")
    assert (back.state, back.proposed_by) == (State.ARRANGING, "")
    again = step(issuing, step(issuing, back, proposed("zhao")), signed("wang"))
    assert (again.state, again.signed_by) == (State.SIGNED, "wang")


def test_what_the_signer_said_stands_until_it_is_proposed_again(address: Address) -> None:
    issuing = opened(address)
    draft = step(issuing, begun(issuing, "2026-11-20"), proposed("wang"))
    back = step(issuing, draft, sent_back, by="li", what="退回修改：标题太长")
    arranged_since = step(issuing, back, arranged(lambda b: arranging.shift(b, "a", 1)))
    assert arranged_since.objection is not None
    assert (arranged_since.objection.what, arranged_since.objection.by) == ("退回修改：标题太长", "li")
    assert issuing.drafts.returned() == [arranged_since]
    again = step(issuing, arranged_since, proposed("wang"))
    assert (again.objection, issuing.drafts.returned()) == (None, [])
    own = step(issuing, again, reopened)
    assert (own.state, own.objection) == (State.ARRANGING, None)


def test_an_erratum_can_be_given_up_and_a_draft_cannot(address: Address) -> None:
    issuing = opened(address)
    draft = begun(issuing, "2026-11-20")
    with pytest.raises(InvalidItem, match="erratum"):
        issuing.abandon(HUIYAO, draft.period, draft.revision)
    draft = step(issuing, step(issuing, draft, proposed("wang")), signed("li"))
    made = issuing.publish(HUIYAO, draft.period, draft.revision, by="wang", at=NOON)
    erratum = Draft(name=HUIYAO, period=draft.period, revision=0, bulletin=made, amends=1, reason="有误")
    kept = issuing.drafts.begin(erratum, "wang", NOON, "开始勘误")
    proposed_one = step(issuing, kept, proposed("wang"))
    with pytest.raises(InvalidItem, match="arranged"):
        issuing.abandon(HUIYAO, draft.period, proposed_one.revision)
    back = step(issuing, proposed_one, reopened)
    with pytest.raises(DraftConflict):
        issuing.abandon(HUIYAO, draft.period, kept.revision)
    issuing.abandon(HUIYAO, draft.period, back.revision)
    assert issuing.drafts.of(HUIYAO, draft.period) is None
    assert issuing.latest(HUIYAO, draft.period) == made


@pytest.mark.parametrize(
    ("at", "dated"), [("2026-11-21T08:00:00+08:00", "2026-11-21"), ("2026-12-01T08:00:00+08:00", "2026-11-30")]
)
def test_an_issue_of_a_half_month_bears_the_day_it_came_out(address: Address, at: str, dated: str) -> None:
    issuing = opened(address)
    made = issue(issuing, "2026-11-17", XINXI, datetime.fromisoformat(at))
    assert made.date == dated
    assert issuing.period(XINXI, date.fromisoformat(made.date)) == "2026-11-16"


def test_an_empty_bulletin_is_not_proposed(address: Address) -> None:
    issuing = opened(address)
    draft = begun(issuing, "2026-11-20")
    for key in "ab":
        draft = step(issuing, draft, arranged(lambda b, k=key: arranging.take_out(b, k)))
    with pytest.raises(InvalidItem):
        step(issuing, draft, proposed("wang"))


def test_who_signs_is_data(address: Address) -> None:
    issuing = opened(address)
    allowed = {role for role in Role if issuing.may_sign(Account("x", role), HUIYAO)}
    assert allowed == {Role.LEADER, Role.ADMIN}
    colleagues = opened(address, {HUIYAO: replace(RULES[HUIYAO], signers=frozenset({"editor"}))})
    assert colleagues.may_sign(Account("x", Role.EDITOR), HUIYAO)
    assert not colleagues.may_sign(Account("x", Role.LEADER), HUIYAO)
    with pytest.raises(DistrictError, match="signers"):
        opened(address, {HUIYAO: replace(RULES[HUIYAO], signers=frozenset({"reporter"}))})


def test_numbers_by_bulletin_and_year_and_over_all(address: Address) -> None:
    rules = dict(RULES) | {HUIYAO: replace(RULES[HUIYAO], numbering=Numbering(2026, 310, 4021))}
    issuing = opened(address, rules)
    made = [issue(issuing, day) for day in ("2026-12-30", "2026-12-31", "2027-01-01")]
    assert [(one.issue_number, one.total_number) for one in made] == [(311, 4022), (312, 4023), (1, 4024)]
    other = issue(issuing, "2026-11-20", XINXI)
    assert (other.issue_number, other.total_number, other.draft) == (1, 1, False)
    assert (made[0].head.signer, made[0].head.editor) == ("李主任", "王编辑")
    assert [one.notes for one in arranging.entries_of(made[0])] == [(), ()]


def test_half_a_month_is_one_issue_whatever_day_it_is_called_by(address: Address) -> None:
    issuing = opened(address)
    issue(issuing, "2026-11-20", XINXI)
    for day in ("2026-11-16", "2026-11-30"):
        assert issuing.latest(XINXI, issuing.period(XINXI, date.fromisoformat(day))) is not None
    assert issuing.latest(XINXI, issuing.period(XINXI, date(2026, 12, 1))) is None


def test_two_times_twenty_publishers_at_once_leave_no_gap(address: Address) -> None:
    days = [(date(2026, 1, 1) + timedelta(days=number)).isoformat() for number in range(40)]
    desks = [opened(address), opened(address)]  # two processes have two connections
    drafts = {day: signed_draft(desks[0], day) for day in days}

    def publish(number: int) -> Bulletin:
        draft = drafts[days[number]]
        return desks[number % 2].publish(HUIYAO, draft.period, draft.revision, by=f"p{number}", at=NOON)

    with ThreadPoolExecutor(40) as pool:
        made = list(pool.map(publish, range(40)))
    assert sorted(one.issue_number or 0 for one in made) == list(range(1, 41))
    assert sorted(one.total_number or 0 for one in made) == list(range(1, 41))
    assert {one.date for one in desks[1].archive(Sought(), limit=100)} == set(days)


def test_one_draft_published_by_twenty_at_once_is_one_issue(address: Address) -> None:
    desks = [opened(address), opened(address)]
    draft = signed_draft(desks[0], "2026-11-20")

    def publish(number: int) -> Bulletin | None:
        try:
            return desks[number % 2].publish(HUIYAO, draft.period, draft.revision, by=f"p{number}", at=NOON)
        except InvalidItem:
            return None

    with ThreadPoolExecutor(20) as pool:
        made = [one for one in pool.map(publish, range(20)) if one]
    assert [one.issue_number for one in made] == [1]
    assert issue(desks[1], "2026-11-21").issue_number == 2


CRASH = """
import os, sys
from pathlib import Path
from tests.unit.desk.test_issuing import opened, signed_draft, HUIYAO, NOON
issuing = opened(sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1]))
draft = signed_draft(issuing, "2026-11-20")
if sys.argv[2] == "before":
    issuing._database.keep_event = lambda *_: os.kill(os.getpid(), 9)
issuing.publish(HUIYAO, draft.period, draft.revision, by="wang", at=NOON)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_leaves_number_issue_and_outbox_or_none_of_them(address: Address, moment: str) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, str(address), moment], check=False)
    assert done.returncode == -9
    issuing, sink = opened(address), FakeDecisions()
    database = Database(address)
    found = issuing.latest(HUIYAO, "2026-11-20")
    if moment == "before":
        assert found is None
        assert database.waiting() == []
        kept = issuing.drafts.of(HUIYAO, "2026-11-20")
        assert kept is not None
        assert issuing.publish(HUIYAO, kept.period, kept.revision, by="li", at=NOON).issue_number == 1
    else:
        assert found is not None
        assert found.issue_number == 1
    Outbox(database, sink).drain()
    assert [(one.date, one.issue_number) for one in sink.issues] == [("2026-11-20", 1)]
    assert issue(issuing, "2026-11-21").issue_number == 2


def test_kafka_away_keeps_the_issue_waiting(address: Address) -> None:
    issuing, sink = opened(address), FakeDecisions(away=True)
    made = issue(issuing, "2026-11-20")
    database = Database(address)
    with pytest.raises(BrokerUnavailable):
        Outbox(database, sink).drain()
    assert issuing.latest(HUIYAO, "2026-11-20") == made
    sink.away = False
    assert (Outbox(database, sink).drain(), Outbox(database, sink).drain()) == (1, 0)
    assert sink.issues == [made]


def erratum(issuing: Issuing, change: Callable[[Bulletin], Bulletin], amends: int = 1) -> Bulletin:
    before = issuing.version(HUIYAO, "2026-11-20", amends)
    assert before is not None
    text = before.model_copy(update={"draft": True})
    made = Draft(name=HUIYAO, period="2026-11-20", revision=0, bulletin=text, amends=amends, reason="人数有误")
    draft = step(issuing, issuing.drafts.begin(made, "wang", NOON, "勘误"), arranged(change))
    draft = step(issuing, step(issuing, draft, proposed("wang")), signed("li"))
    return issuing.publish(HUIYAO, draft.period, draft.revision, by="wang", at=NOON + timedelta(hours=1))


def test_an_erratum_keeps_the_number_and_lists_the_changes(address: Address) -> None:
    issuing = opened(address)
    issue(issuing, "2026-11-20")
    made = erratum(issuing, lambda b: arranging.reword(b, "a", ENTRY.title, "4人受伤。"))
    assert (made.issue_number, made.version, made.reason, made.draft) == (1, 2, "人数有误", False)
    assert made.changes == ("“沙石镇边坡滑塌”正文：“3”改为“4”",)
    assert issue(issuing, "2026-11-21").issue_number == 2
    assert [one.version for one in issuing.versions(HUIYAO, "2026-11-20")] == [1, 2]


def test_withdrawal_takes_the_text_and_keeps_the_number(address: Address) -> None:
    issuing = opened(address)
    issue(issuing, "2026-11-20")
    for reason, version in ((" ", 1), ("涉密", 2)):
        with pytest.raises(InvalidItem):
            issuing.withdraw(HUIYAO, "2026-11-20", version, reason, by="li", at=NOON)
    gone = issuing.withdraw(HUIYAO, "2026-11-20", 1, "事实有误", by="li", at=NOON)
    assert (gone.withdrawn, gone.version, gone.issue_number, gone.sections) == (True, 2, 1, ())
    with pytest.raises(InvalidItem):
        issuing.withdraw(HUIYAO, "2026-11-20", 2, "再撤", by="li", at=NOON)
    assert issue(issuing, "2026-11-21").issue_number == 2
    back = erratum(issuing, lambda b: arranging.take_out(b, "a"))
    assert (back.version, back.issue_number, back.withdrawn) == (3, 1, False)
    assert back.changes == ("删去“沙石镇边坡滑塌”",)


def test_what_was_used_where_follows_the_issue_as_it_holds(address: Address) -> None:
    issuing = opened(address)
    issue(issuing, "2026-11-20")
    issue(issuing, "2026-11-20", XINXI)
    assert issuing.uses.of(["a", "b", "c"]) == {
        one: [Use(HUIYAO, 1, "2026-11-20"), Use(XINXI, 1, "2026-11-20")] for one in "ab"
    }
    erratum(issuing, lambda b: arranging.take_out(b, "a"))
    assert issuing.uses.of(["a", "b"]) == {
        "a": [Use(XINXI, 1, "2026-11-20")],
        "b": [Use(HUIYAO, 1, "2026-11-20"), Use(XINXI, 1, "2026-11-20")],
    }
    issuing.withdraw(HUIYAO, "2026-11-20", 2, "事实有误", by="li", at=NOON)
    kept = {"a": [Use(XINXI, 1, "2026-11-20")], "b": [Use(XINXI, 1, "2026-11-20")]}
    assert issuing.uses.of(["a", "b"]) == kept
    Database(address).ensure("DROP TABLE bulletin_items;")  # as a database of before has none
    assert opened(address).uses.of([*"ab", *map(str, range(500))]) == kept


def test_the_archive_is_searched_by_name_date_and_words(address: Address) -> None:
    issuing = opened(address)
    issue(issuing, "2026-11-20")
    issue(issuing, "2026-11-21")
    issue(issuing, "2026-11-20", XINXI)
    issuing.withdraw(HUIYAO, "2026-11-21", 1, "重复", by="li", at=NOON)

    def found(**sought: str) -> list[tuple[str, str, int]]:
        return [(one.name.value, one.date, one.version) for one in issuing.archive(Sought(**sought))]

    assert found(name="huiyao") == [("huiyao", "2026-11-21", 2), ("huiyao", "2026-11-20", 1)]
    assert found(first="2026-11-21") == [("huiyao", "2026-11-21", 2)]
    assert {one[0] for one in found(last="2026-11-20", words="滑塌 受伤")} == {"huiyao", "xinxi"}
    assert found(words="滑塌 没有的词") == []
    assert found(words="item_ids") == []  # the text is searched, not how it is kept
