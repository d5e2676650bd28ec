"""Faust's consumer without four tasks for each record, and without standing still where one partition's buffer is full.

Faust hands a record to its stream inside ``wait_first``, which makes a task for the handing over, one for "flow was
suspended" and two for "stopped" and "crashed", and cancels three of them at once: a fifth of all that Faust costs a
record (measured). A record that goes straight into the stream's buffer needs none of them. Only where the buffer is
full, so that the handing over has to wait, Faust's own way is gone, with what is left of it.

While a partition's buffer is full, Faust asks the broker for the others alone, for up to a second, and where there are
none it sleeps for one: the partition has long had room again. All of a district's signals are in one partition, so that
after each burst of posts an emergency waited for the rest of that second.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from functools import partial
from inspect import iscoroutine
from types import coroutine
from typing import Any, ClassVar

from faust.transport.drivers import aiokafka as driver
from mode.services import WaitResults

BUFFERED_POLL_S = 0.02


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Hands records over at once where it can, and does not wait for one partition in place of another."""

    async def wait_first(self, *coros: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109 - Faust's own signature
        """As Faust's, with the first one tried before anything is made to wait for it."""
        if len(coros) < 2 or not iscoroutine(coros[0]) or self.suspend_flow.is_set() or self.should_stop:
            return await super().wait_first(*coros, timeout=timeout)
        first, *others = coros
        try:
            waiting = first.send(None)
        except StopIteration as end:
            for one in others:
                one.close()
            return WaitResults([first], [end.value], False)
        except BaseException:
            for one in others:
                one.close()
            raise
        return await super().wait_first(going_on(first, waiting), *others, timeout=timeout)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's own signature
        """As Faust's, looking again soon while a buffer is full."""
        if not self._buffered_partitions:
            return await super()._wait_next_records(timeout)
        if self.flow_active and not self._get_active_partitions():
            await self.sleep(BUFFERED_POLL_S)
            return {}, set()
        return await super()._wait_next_records(min(timeout, BUFFERED_POLL_S))


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's transport with our consumer."""

    Consumer: ClassVar[type[Consumer]] = Consumer


async def going_on(started: Coroutine[Any, Any, Any], waiting: Any) -> Any:
    """The rest of a coroutine that has been started and waits for ``waiting``."""
    return await _going_on(started, waiting)


@coroutine
def _going_on(started: Coroutine[Any, Any, Any], waiting: Any) -> Generator[Any, Any, Any]:
    while True:
        try:
            step = partial(started.send, (yield waiting))
        except GeneratorExit:
            started.close()
            raise
        except BaseException as error:
            step = partial(started.throw, error)
        try:
            waiting = step()
        except StopIteration as end:
            return end.value
