"""Every jump in offsets is noticed, also before the first record after an assignment."""

from __future__ import annotations

from streams.continuity import Continuity, Hole


def test_records_in_order_leave_no_hole() -> None:
    continuity = Continuity()
    assert [continuity.follow("t", 0, offset, 5) for offset in (5, 6, 7)] == [None, None, None]


def test_a_jump_is_a_hole_of_its_own_partition() -> None:
    continuity = Continuity()
    continuity.follow("t", 0, 0, None)
    continuity.follow("t", 1, 0, None)
    assert continuity.follow("t", 0, 3, None) == Hole("t", 0, 1, 3)
    assert continuity.follow("t", 1, 1, None) is None
    assert continuity.follow("t", 0, 4, None) is None


def test_the_first_record_must_be_the_one_after_the_commit() -> None:
    assert Continuity().follow("t", 0, 8, 7) == Hole("t", 0, 7, 8)
    assert Continuity().follow("t", 0, 1, None) == Hole("t", 0, 0, 1)


def test_a_reset_begins_again_at_the_commit() -> None:
    continuity = Continuity()
    continuity.follow("t", 0, 9, 9)
    continuity.reset()
    assert continuity.follow("t", 0, 7, 7) is None


def test_a_record_that_comes_again_is_no_hole() -> None:
    continuity = Continuity()
    for offset in (3, 4, 3, 4):
        assert continuity.follow("t", 0, offset, 3) is None
    assert continuity.follow("t", 0, 5, 3) is None
