"""``huiyao district``: a folder read as the processes would read it, part by part, so that all faults are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from huiyao.districts import DistrictFolder
from huiyao.settings import Settings, load_settings
from schemas.errors import HuiyaoError


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of work finds in the folder; ``fault`` where it could not go on."""

    name: str
    seen: str = ""
    fault: str = ""


def run_district(path: Path | None) -> int:
    """Print every part; 1 where any is wrong."""
    settings = load_settings(**({"district_dir": str(path)} if path else {}))
    found = list(parts(settings))
    for one in found:
        print(f"{'异常' if one.fault else '正常'}  {one.name}：{one.fault or one.seen}")
    return 1 if any(one.fault for one in found) else 0


def parts(settings: Settings) -> Iterator[Part]:
    """Each part in the words of people; without a folder that can be read there is only the first."""
    from huiyao.wiring import district_of

    try:
        folder = district_of(settings)
    except HuiyaoError as error:
        yield Part("数据包", fault=str(error))
        return
    departments = len(folder.register.departments)
    yield Part(
        "数据包", f"{folder.config['full_name']}（{folder.id}），{departments} 个单位，{len(folder.tables)} 张表"
    )
    for name, read in _READERS:
        try:
            yield Part(name, read(settings, folder))
        except HuiyaoError as error:
            yield Part(name, fault=str(error))


def _judgement(settings: Settings, _: DistrictFolder) -> str:
    from huiyao.wiring import build_judge

    return f"规则与模型版本 {build_judge(settings).rules_version}"


def _duty(_: Settings, folder: DistrictFolder) -> str:
    from huiyao.rules import ledger_rules

    rules = ledger_rules(folder)
    return f"{len(rules.departments)} 个单位应报，截止 {rules.cutoff:%H:%M}"


def _incidents(_: Settings, folder: DistrictFolder) -> str:
    from huiyao.rules import case_rules, incident_rules

    case_rules(folder)
    return f"{len(incident_rules(folder).clocks)} 个时限"


def _points(_: Settings, folder: DistrictFolder) -> str:
    from huiyao.rules import point_rules

    point_rules(folder)
    return "计分表可用"


def _bulletins(_: Settings, folder: DistrictFolder) -> str:
    from huiyao.rules import bulletin_head, bulletin_rules

    titles = "".join(f"《{rule.title}》" for rule in bulletin_rules(folder).values())
    return f"{titles}，{bulletin_head(folder).office}"


def _instructions(_: Settings, folder: DistrictFolder) -> str:
    from huiyao.rules import instruction_rules

    instruction_rules(folder)
    return "时限和用语可用"


def _alerts(_: Settings, folder: DistrictFolder) -> str:
    from huiyao import alerting
    from huiyao.rules import reminder_rules

    file = alerting.alert_file(folder)
    alerting.alert_rules(folder, (), ())
    reminder_rules(folder, ())
    return "alerts.toml 可用" if file else "没有 alerts.toml，所有预警发往所有渠道"


def _sources(settings: Settings, _: DistrictFolder) -> str:
    from huiyao.wiring import sources_dir
    from producers.sources import load_feeds, load_opinion

    folder = sources_dir(settings)
    feeds, sites = load_feeds(folder), load_opinion(folder)
    return f"媒体 {len(feeds)} 个，论坛 {len(sites)} 个" + ("" if feeds or sites else "（还没有设来源，只收部门报送）")


Reader = Callable[[Settings, DistrictFolder], str]
_READERS: tuple[tuple[str, Reader], ...] = (
    ("研判", _judgement),
    ("应报", _duty),
    ("事件", _incidents),
    ("计分", _points),
    ("刊物", _bulletins),
    ("批示", _instructions),
    ("预警", _alerts),
    ("来源", _sources),
)
