"""The bounded queue: batches by count, bytes and time; a full queue holds the reader back."""

from __future__ import annotations

import asyncio

from streams.intake import Intake


def intake(**limits: int) -> Intake[bytes]:
    return Intake(len, **{"max_count": 100, "max_bytes": 1_000, **limits})


async def test_a_batch_ends_at_its_count_and_keeps_the_order() -> None:
    queue = intake()
    for n in range(7):
        await queue.put(b"%d" % n)
    assert await queue.take(max_count=5, max_bytes=100, linger_s=60) == [b"0", b"1", b"2", b"3", b"4"]
    assert await queue.take(max_count=2, max_bytes=100, linger_s=60) == [b"5", b"6"]


async def test_a_batch_ends_at_its_bytes_but_holds_at_least_one_record() -> None:
    queue = intake()
    for value in (b"x" * 50, b"y" * 60, b"z" * 500):
        await queue.put(value)
    assert [len(one) for one in await queue.take(max_count=9, max_bytes=100, linger_s=60)] == [50]
    assert [len(one) for one in await queue.take(max_count=9, max_bytes=100, linger_s=60)] == [60]
    assert [len(one) for one in await queue.take(max_count=9, max_bytes=100, linger_s=0)] == [500]


async def test_a_lone_record_does_not_wait_for_company() -> None:
    queue = intake()
    await queue.put(b"alone")
    async with asyncio.timeout(5):
        assert await queue.take(max_count=500, max_bytes=10_000, linger_s=0.01) == [b"alone"]


async def test_records_that_come_while_lingering_join_the_batch() -> None:
    queue = intake()
    await queue.put(b"first")
    taking = asyncio.create_task(queue.take(max_count=2, max_bytes=10_000, linger_s=60))
    await asyncio.sleep(0)
    await queue.put(b"second")
    async with asyncio.timeout(5):
        assert await taking == [b"first", b"second"]


async def test_nothing_within_the_patience_is_an_empty_batch() -> None:
    assert await intake().take(max_count=5, max_bytes=5, linger_s=60, patience_s=0.01) == []


async def test_a_nudge_ends_the_wait_for_a_first_record_once() -> None:
    queue = intake()
    taking = asyncio.create_task(queue.take(max_count=2, max_bytes=10_000, linger_s=60))
    await asyncio.sleep(0)
    queue.nudge()
    async with asyncio.timeout(5):
        assert await taking == []
    again = asyncio.create_task(queue.take(max_count=1, max_bytes=10_000, linger_s=60))
    await asyncio.sleep(0)
    assert not again.done()
    await queue.put(b"first")
    async with asyncio.timeout(5):
        assert await again == [b"first"]


async def test_a_full_queue_holds_the_reader_until_a_batch_is_taken() -> None:
    queue = intake(max_count=2)
    await queue.put(b"a")
    await queue.put(b"b")
    third = asyncio.create_task(queue.put(b"c"))
    await asyncio.sleep(0)
    assert not third.done()
    assert await queue.take(max_count=1, max_bytes=100, linger_s=0) == [b"a"]
    async with asyncio.timeout(5):
        await third
    assert len(queue) == 2


async def test_a_record_larger_than_the_queue_passes_alone() -> None:
    queue = intake(max_bytes=10)
    async with asyncio.timeout(5):
        await queue.put(b"x" * 50)
    blocked = asyncio.create_task(queue.put(b"y"))
    await asyncio.sleep(0)
    assert not blocked.done()
    queue.clear()
    async with asyncio.timeout(5):
        await blocked
    assert queue.bytes == 1
