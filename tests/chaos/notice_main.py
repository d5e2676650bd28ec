"""The alert worker of the test town with a gateway on loopback: ``python -m tests.chaos.notice_main '{…}'``."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import structlog

from publishers.channels.gateway import HttpGateway
from publishers.channels.log import LogChannel
from publishers.channels.specs import read_channel
from publishers.switchboard import Switchboard
from schemas.connections import KafkaConnection
from streams.app import WorkerDeps, run_worker
from streams.options import RuntimeOptions
from streams.roles.alerts import AlertSettings
from streams.testing import MovableClock
from tests.unit.processors.alert_town import rules

SPEC = {
    "kind": "sms", "name": "sms", "body": {"to": "{address}", "text": "{short}", "id": "{id}"}, "timeout_s": 120.0,
    "answer": {"path": "code", "equals": ["0"], "reference": "id"},
}  # fmt: skip
CONTACTS = {who: {"sms": number} for who, number in (("duty", "1001"), ("deputy", "1002"), ("leader", "1009"))}


def main() -> int:
    """Run until killed."""
    config = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    town = rules(broadcast=(), policy={"inhibit": False, "merge_over": 99, "repeat_every": 60, "escalate_after": [60]})
    spec, _ = read_channel({**SPEC, "url": config["gateway"]}, lambda _: None)
    deps = WorkerDeps(
        connection=KafkaConnection(bootstrap=config["kafka"], prefix=config["prefix"]),
        clock=MovableClock(),
        alert_rules=town,
        switchboard=Switchboard([LogChannel(), HttpGateway(spec)], CONTACTS, town),
        alerts=AlertSettings(pause_s=0.05, tick_s=0.2, send_timeout_s=120.0),
        options=RuntimeOptions(session_timeout_s=6.0, heartbeat_s=1.5),
        create_topics=False,
        ready_file=Path(config["ready"]),
    )
    return run_worker("alerts", deps)


if __name__ == "__main__":
    sys.exit(main())
