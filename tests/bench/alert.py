"""(c) From accepted report to alert handed over, to the duty room and to 200 subscribers, while posts flow."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaProducer

from deploy import commands
from deploy.testing import free_ports
from huiyao.services import child_environment, command
from huiyao.settings import Settings, load_settings
from huiyao.wiring import build_intake, build_sink
from tests.bench.receiver import items_told, receiver
from tests.bench.texts import items
from tests.bench.timeline import cpu_seconds, hops, print_hops

ALERTS = 40
PAUSE_S = 1.0
SUBSCRIBERS = 200
POSTS_PER_S = 1_000
GOAL_P99_S = 0.5
START_S = 300.0
WARM_UP_S = 5.0
PLACES = (
    "沙石镇",
    "沙河镇",
    "水东镇",
    "水西镇",
    "解放街道",
    "赣江街道",
    "南外街道",
    "东外街道",
    "水南街道",
    "章江街道",
)
KINDS = ("一仓库起火", "一厂房坍塌", "发生山体滑坡", "一小区燃气管道泄漏爆燃", "两车相撞", "一鱼塘有人溺水")


def run(posts_per_s: int = POSTS_PER_S) -> None:
    """Print p50 and p99, and where the time went."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="huiyao-bench-")))
        received: list[tuple[float, bytes]] = []
        base = stack.enter_context(receiver(received))
        kafka, controller, elastic, desk = free_ports(4)
        settings = load_settings(
            data_dir=str(folder / "data"),
            district_dir=str(_district(folder, base)),
            engines={
                "kafka_port": kafka,
                "kafka_controller_port": controller,
                "elasticsearch_port": elastic,
                "start_timeout_s": START_S,
            },
            desk={"port": desk},
            alerts={"webhooks": [{"url": f"{base}/alerts"}]},
            log_level="WARNING",
        )
        commands.up_detached(
            command("up", "--only", "engines,workers"), settings.data_dir, env=child_environment(settings)
        )
        stack.callback(commands.down, settings.data_dir)
        asyncio.run(_measure(settings, received, posts_per_s))


def _district(folder: Path, base: str) -> Path:
    """The district with 200 subscribers to everything, told at once, and without limits that would hold them back."""
    made = folder / "district"
    shutil.copytree(load_settings().district_dir, made)
    policy = (
        "[policy]\nrate_per_hour = 100000\ninhibit = false\ngroup_interval = 0\nmost_repeats = 0\nescalate_after = []\n"
    )
    channel = f'[[channel]]\nkind = "webhook"\nname = "hook"\nurl = "{base}/notices"\n'
    subscribers = [f'[[subscription]]\nwho = "订户{n}"\nchannel = "hook"\n' for n in range(SUBSCRIBERS)]
    (made / "alerts.toml").write_text("\n".join([policy, channel, *subscribers]), "utf-8")
    return made


async def _measure(settings: Settings, received: list[tuple[float, bytes]], posts_per_s: int) -> None:
    flowing = asyncio.create_task(_posts(settings, posts_per_s))
    await asyncio.sleep(WARM_UP_S)
    used, began = cpu_seconds(settings.data_dir), time.monotonic()
    accepted = await asyncio.to_thread(_reports, settings)
    seconds = time.monotonic() - began
    shares = {name: (after - used[name]) / seconds for name, after in cpu_seconds(settings.data_dir).items()}
    await asyncio.sleep(10.0)
    flowing.cancel()
    first: dict[tuple[str, str, str], float] = {}
    found = await hops(settings.kafka_connection(), accepted)
    for at, body in received:  # later alerts of an incident name its earlier items again
        kind, who, identifiers = items_told(body)
        for one in identifiers:
            if one in accepted and (kind, who, one) not in first:
                first[kind, who, one] = at - accepted[one]
                if kind == "alert.notice":
                    found[one].setdefault("first", at)
                    found[one]["last"] = at
    latencies: dict[str, list[float]] = {"alert.raised": [], "alert.notice": []}
    for (kind, _, _), seconds in first.items():
        latencies[kind].append(seconds)
    print(f"with {posts_per_s} posts/s, load average {os.getloadavg()[0]:.1f}, {len(received)} webhooks in all")
    _print("duty room's webhook", latencies["alert.raised"], ALERTS)
    _print(f"{SUBSCRIBERS} subscribers' webhooks", latencies["alert.notice"], ALERTS * SUBSCRIBERS)
    print_hops(accepted, found)
    print("  cores used: " + ", ".join(f"{name} {share:.2f}" for name, share in shares.items()))


def _print(what: str, latencies: list[float], expected: int) -> None:
    if not latencies:
        print(f"{what}: nothing arrived")
        return
    latencies.sort()
    p50, p99 = latencies[len(latencies) // 2], latencies[min(int(0.99 * len(latencies)), len(latencies) - 1)]
    print(
        f"accepted report -> {what}: n={len(latencies)} of {expected}, p50={p50:.3f} s, p99={p99:.3f} s "
        f"(goal p99 <= {GOAL_P99_S} s)"
    )


async def _posts(settings: Settings, posts_per_s: int) -> None:
    kafka = settings.kafka_connection()
    values = [item.model_dump_json().encode() for item in items(20_000, lane="opinion")]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=20)
    await producer.start()
    sent, began = 0, time.monotonic()
    try:
        while True:
            due = int((time.monotonic() - began) * posts_per_s)
            for number in range(sent, due):
                await producer.send(kafka.topic("opinion.posted"), values[number % len(values)])
            sent = max(sent, due)
            await asyncio.sleep(0.02)
    finally:
        await producer.stop()


def _reports(settings: Settings) -> dict[str, float]:
    """Item id to the moment at which the sender had the broker's word."""
    sink = build_sink(settings)
    intake = build_intake(settings, sink, None)
    accepted = {}
    for number in range(ALERTS):
        place, kind = PLACES[number % len(PLACES)], KINDS[number // len(PLACES) % len(KINDS)]
        text = (
            f"今日{number % 24}时{number % 60}分，{place}{number}号地块{kind}，造成{number % 2 + 1}人死亡，正在救援。"
        )

        payload = {
            "id": f"bench-{number}",
            "lane": "report",
            "source": "区应急局",
            "title": f"{place}突发事件",
            "text": text,
            "published_at": datetime.now().astimezone().isoformat(),
        }
        accepted[intake.submit(payload).item_id] = time.time()
        time.sleep(PAUSE_S)
    sink.close()
    return accepted
