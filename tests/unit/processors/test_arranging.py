"""Steps of an editor on a draft: pure, nothing lost, nothing twice; and what came since."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import arranging
from processors.arranging import Proposal, changes, entries_of, items_of, key_of, since
from processors.unconfirmed import NOTE
from schemas.bulletin import Bulletin, BulletinEntry, BulletinSection
from schemas.errors import InvalidItem
from tests.unit.publishers.bulletin_samples import full_bulletin

SECTIONS = ("甲", "乙", "丙")


def entry(*items: str, title: str = "", text: str = "正文。") -> BulletinEntry:
    return BulletinEntry(item_ids=items, title=title or f"标题{items[0]}", text=text)


def bulletin(*sections: tuple[str, ...]) -> Bulletin:
    """Sections by the first letters of their entries' items."""
    made = [
        BulletinSection(name=name, entries=tuple(entry(*item.split("+")) for item in items))
        for name, items in zip(SECTIONS, sections, strict=False)
    ]
    return full_bulletin(sections=tuple(made), charts=(), issue_number=None, total_number=None, draft=True)


def keys(made: Bulletin) -> list[list[str]]:
    return [[key_of(one) for one in section.entries] for section in made.sections]


def test_up_and_down_go_over_the_edges_of_sections() -> None:
    start = bulletin(("a", "b"), (), ("c",))
    assert keys(arranging.shift(start, "b", -1)) == [["b", "a"], [], ["c"]]
    assert keys(arranging.shift(start, "b", 1)) == [["a"], ["b"], ["c"]]
    assert keys(arranging.shift(start, "c", -1)) == [["a", "b"], ["c"], []]
    assert keys(arranging.shift(start, "a", -1)) == keys(start)
    assert keys(arranging.shift(start, "c", 1)) == keys(start)


def test_placing_counts_without_the_moved_entry() -> None:
    start = bulletin(("a", "b", "c"), ("d",))
    assert keys(arranging.place(start, "a", "甲", 2)) == [["b", "c", "a"], ["d"]]
    assert keys(arranging.place(start, "c", "乙", 0)) == [["a", "b"], ["c", "d"]]
    assert keys(arranging.place(start, "c", "乙")) == [["a", "b"], ["d", "c"]]


def test_figures_follow() -> None:
    assert arranging.take_out(bulletin(("a", "b"), ("c",)), "b").figures["entries"] == 2


@pytest.mark.parametrize(
    "step",
    [
        lambda b: arranging.shift(b, "nothing", 1),
        lambda b: arranging.place(b, "a", "无此栏"),
        lambda b: arranging.add(b, "甲", entry("z", "b")),
        lambda b: arranging.reword(b, "a", " ", "正文"),
        lambda b: arranging.reword(b, "a", "标题", "长" * (arranging.TEXT_LIMIT + 1)),
    ],
)
def test_what_does_not_fit_is_refused(step: object) -> None:
    with pytest.raises(InvalidItem):
        step(bulletin(("a", "b"), ()))  # type: ignore[operator]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("up", "down", "place")),
        st.sampled_from("abcdef"),
        st.sampled_from(SECTIONS),
        st.integers(0, 9),
    ),
    max_size=30,
)


@given(STEPS)
def test_moving_loses_nothing_and_doubles_nothing(steps: list[tuple[str, str, str, int]]) -> None:
    made = start = bulletin(("a", "b", "c"), (), ("d", "e+x", "f"))
    for action, key, section, position in steps:
        made = {
            "up": lambda k=key, b=made: arranging.shift(b, k, -1),
            "down": lambda k=key, b=made: arranging.shift(b, k, 1),
            "place": lambda k=key, b=made, s=section, p=position: arranging.place(b, k, s, p),
        }[action]()
    assert sorted(key_of(one) for one in entries_of(made)) == sorted(key_of(one) for one in entries_of(start))
    assert items_of(made) == items_of(start)
    assert [section.name for section in made.sections] == [section.name for section in start.sections]


def test_what_came_since_is_beside_the_draft() -> None:
    kept = bulletin(("a", "b"), ("c",))
    proposals = [Proposal("甲", entry(*items)) for items in (("a", "n"), ("b",), ("s",), ("t", "u"), ("new",))]
    found = since(kept, proposals, {"a", "b", "c", "s", "t"}, {"a", "b", "n", "s", "t", "u", "new"})
    assert [key_of(one.entry) for one in found.fresh] == ["t", "new"]
    assert [key_of(one.entry) for one in found.spare] == ["s"]
    assert found.grown is not None
    assert set(found.grown) == {"a"}
    assert found.gone == {"c"}


def test_leads_wait_beside_the_draft_and_a_lifted_mark_is_told() -> None:
    marked = entry("a", title="【待核实】有人落水").model_copy(update={"notes": (NOTE,)})
    kept = arranging.add(bulletin((), ("c",)), "甲", marked)
    proposals = [
        Proposal("甲", entry("a", title="有人落水")),
        Proposal("甲", entry("s"), lead=True),
        Proposal("甲", entry("new"), lead=True),
        Proposal("乙", entry("t")),
    ]
    found = since(kept, proposals, {"a", "c", "s", "t"}, {"a", "c", "s", "t", "new"})
    assert [key_of(one.entry) for one in found.leads] == ["s"]
    assert [key_of(one.entry) for one in found.fresh] == ["new"]
    assert [key_of(one.entry) for one in found.spare] == ["t"]
    assert found.lifted == {"a"}
    assert found.grown is not None
    assert arranging.renew(kept, "a", found.grown["a"].entry).sections[0].entries[0].title == "有人落水"
    still = since(kept, [Proposal("甲", marked, lead=True)], {"a"}, {"a", "c"})
    assert (still.lifted, still.grown, still.leads) == (frozenset(), {}, ())


def test_the_newest_wording_takes_the_old_place_and_keeps_the_key() -> None:
    start = bulletin(("a", "b+n"), ("c",))
    renewed = arranging.renew(start, "b", entry("c", "m", "b", title="新", text="新正文。"))
    assert keys(renewed) == [["a", "b"], ["c"]]
    assert renewed.sections[0].entries[1].item_ids == ("b", "n", "m")
    assert renewed.sections[0].entries[1].title == "新"


def test_an_erratum_says_what_it_changes() -> None:
    old = bulletin(("a", "b"), ("c",))
    new = arranging.reword(old, "a", "标题a", "正文改了。")
    new = arranging.place(new, "b", "乙")
    new = arranging.add(arranging.take_out(new, "c"), "甲", entry("d"))
    assert changes(old, new) == (
        "删去“标题c”",
        "在“甲”增加“标题d”",
        "“标题a”正文：“正文”改为“正文改了”",
        "“标题b”由“甲”移到“乙”",
    )
    assert changes(old, arranging.shift(old, "a", 1)) == ("调整信息的先后次序",)
    assert changes(old, old) == ()
    assert changes(old, arranging.reword(old, "a", "新题", "正文。")) == ("标题“标题a”改为“新题”",)


@given(st.text("甲乙丙丁。", max_size=300), st.text("甲乙丙丁。", max_size=300))
def test_differences_are_short_enough_to_print(before: str, after: str) -> None:
    old, new = (
        full_bulletin(sections=(BulletinSection(name="甲", entries=(entry("a", text=text),)),))
        for text in (before, after)
    )
    for line in changes(old, new):
        assert len(line) < 260
    assert (changes(old, new) == ()) is (before == after)
