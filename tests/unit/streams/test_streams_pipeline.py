"""A batch is settled or the worker stops; a poison record never takes its neighbours with it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from schemas.deadletter import DeadLetter
from schemas.errors import BrokerUnavailable, IndexUnavailable
from schemas.topics import ASSESSED, DEADLETTER
from streams.deadletters import Undertaker
from streams.metrics import WorkerMetrics
from streams.options import RuntimeOptions
from streams.pipeline import Pipeline
from streams.records import Dead, Output, OutputRejected, Record, Result, StatelessHandler, WorkerStop
from streams.testing import MovableClock

AT = datetime(2026, 11, 20, 1, tzinfo=UTC)


def record(offset: int, value: bytes = b"ok") -> Record:
    return Record("reports.submitted", 0, offset, b"k%d" % offset, value, AT)


class Echo(StatelessHandler):
    """Sends each value on; ``poison`` raises, ``refused`` is refused for a known reason."""

    name = "echo"

    def __init__(self, transient: int = 0) -> None:
        self.transient, self.calls, self.settled = transient, 0, []  # type: ignore[var-annotated]

    async def handle(self, batch: Sequence[Record]) -> Result:
        self.calls += 1
        if self.transient:
            self.transient -= 1
            raise IndexUnavailable("away")
        if any(one.value == b"poison" for one in batch):
            raise ValueError("no such thing")
        dead = [Dead(one, self.name, "refused") for one in batch if one.value == b"refused"]
        outputs = [Output(ASSESSED, one.key, one.value) for one in batch if one.value != b"refused"]
        return Result(outputs, dead, lambda: self.settled.extend(batch))


class Sent:
    """Keeps what it is given; fails as told, by topic name."""

    def __init__(self, **failures: list[Exception]) -> None:
        self.failures, self.outputs = failures, []  # type: ignore[var-annotated]

    async def send(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            pending = self.failures.get(output.spec.name.replace(".", "_"), [])
            if pending:
                raise pending.pop(0)
        self.outputs.extend(outputs)

    def values(self, name: str) -> list[bytes]:
        return [one.value for one in self.outputs if one.spec.name == name]

    def letters(self) -> list[DeadLetter]:
        return [DeadLetter.model_validate_json(value) for value in self.values(DEADLETTER.name)]


async def no_sleep(_seconds: float) -> None:
    return None


def pipeline(handler: Echo, sent: Sent, **changes: float) -> Pipeline:
    options = RuntimeOptions(**changes)  # type: ignore[arg-type]
    undertaker = Undertaker(MovableClock(fixed=AT), None)
    return Pipeline(handler, sent, undertaker, options=options, metrics=WorkerMetrics("echo"), sleep=no_sleep)


async def test_all_outputs_are_sent_before_the_state_is_valid() -> None:
    handler, sent = Echo(), Sent(items_assessed=[BrokerUnavailable("away")])
    await pipeline(handler, sent).run([record(1), record(2)])
    assert sent.values(ASSESSED.name) == [b"ok", b"ok"]
    assert [one.offset for one in handler.settled] == [1, 2]
    assert handler.calls == 2


async def test_one_poison_becomes_a_dead_letter_and_the_rest_goes_on() -> None:
    handler, sent = Echo(), Sent()
    batch = [record(n, b"poison" if n == 5 else b"%d" % n) for n in range(12)]
    await pipeline(handler, sent).run(batch)
    assert sent.values(ASSESSED.name) == [b"%d" % n for n in range(12) if n != 5]
    (letter,) = sent.letters()
    assert base64.b64decode(letter.original_base64) == b"poison"
    assert (letter.topic, letter.partition, letter.offset, letter.stage) == ("reports.submitted", 0, 5, "echo")
    assert (letter.tries, letter.reason) == (3, "ValueError: no such thing")


async def test_a_refused_record_is_buried_with_its_reason_and_its_key() -> None:
    handler, sent = Echo(), Sent()
    await pipeline(handler, sent).run([record(1), record(2, b"refused")])
    (output,) = [one for one in sent.outputs if one.spec is DEADLETTER]
    assert output.key == b"k2"
    assert sent.letters()[0].reason == "refused"
    assert sent.letters()[0].tries == 1


async def test_engines_away_are_waited_for_and_nothing_is_buried() -> None:
    handler, sent = Echo(transient=7), Sent()
    await pipeline(handler, sent).run([record(1)])
    assert handler.calls == 8
    assert sent.letters() == []
    assert sent.values(ASSESSED.name) == [b"ok"]


async def test_waiting_has_a_bound_and_then_the_worker_stops() -> None:
    handler, sent = Echo(transient=3), Sent()
    with pytest.raises(WorkerStop, match="gave up waiting"):
        await pipeline(handler, sent, patience_s=-1.0).run([record(1), record(2)])
    assert sent.outputs == []
    assert handler.settled == []


async def test_an_output_the_broker_never_takes_is_a_poison() -> None:
    handler = Echo()
    sent = Sent(items_assessed=[OutputRejected("too large")] * 3)
    await pipeline(handler, sent).run([record(1)])
    assert [one.reason for one in sent.letters()] == ["OutputRejected: too large"]


@pytest.mark.parametrize("error", [OutputRejected("too large"), RuntimeError("anything")])
async def test_a_refusing_dead_letter_topic_stops_the_worker(error: Exception) -> None:
    handler, sent = Echo(), Sent(deadletter=[error])
    with pytest.raises(WorkerStop, match="takes nothing"):
        await pipeline(handler, sent).run([record(1, b"poison"), record(2)])
    assert sent.values(ASSESSED.name) == []


async def test_a_dead_letter_topic_that_stays_away_stops_the_worker() -> None:
    handler, sent = Echo(), Sent(deadletter=[BrokerUnavailable("away")])
    with pytest.raises(WorkerStop):
        await pipeline(handler, sent, deadletter_patience_s=-1.0).run([record(1, b"refused")])
    assert handler.settled == []


async def test_sealed_bytes_are_marked_as_such() -> None:
    letter = Undertaker(MovableClock(fixed=AT), lambda raw: raw[::-1].decode()).letter(
        Dead(record(1, b"abc"), "s", "r"), 1
    )
    found = DeadLetter.model_validate_json(letter)
    assert (found.original_base64, found.encrypted) == ("cba", True)
