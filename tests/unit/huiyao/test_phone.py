"""Phone-first: what the duty officer writes down becomes an event that opens an incident."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from huiyao.deciding import moment_of
from huiyao.incidents import phone_call
from huiyao.settings import Settings, load_settings
from processors.incidents import IncidentRules, decide
from schemas.base import CHINA
from schemas.errors import InvalidItem
from schemas.vocab import Level, Stage

NOW = datetime(2026, 11, 20, 14, 40, tzinfo=CHINA)
NOTHING = {"deaths": None, "injured": None, "missing": None, "trapped": None}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path)


def test_a_call_is_graded_and_opens_an_incident(settings: Settings) -> None:
    call = phone_call(
        settings,
        department="沙石镇",
        title="沙石镇龙埠村山体滑坡，有人被埋，来电人王五 13912345678",
        by="值班员",
        occurred_at="2026-11-20T14:18",
        event_type="滑坡",
        place="沙石镇龙埠村",
        figures={**NOTHING, "deaths": 3, "trapped": 2},
    )
    assert (call.subject_type, call.action, call.details["department"]) == ("incident", "phone", "U064")
    assert "13912345678" not in call.model_dump_json()
    (incident,) = decide({}, call, call.at, IncidentRules())
    assert (incident.stage, incident.signed, incident.level) == (Stage.PHONED, True, Level.III)
    assert (incident.event_type, incident.place) == ("山体滑坡", "沙石镇龙埠村")
    assert (incident.facts.deaths, incident.facts.injured, incident.facts.trapped) == (3, None, 2)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"department": "火星办"}, "department"),
        ({"event_type": "外星人"}, "type"),
        ({"called_at": "quarter past"}, "at"),
        ({"called_at": "9999-12-31T23:59-12:00"}, "called_at"),
        ({"called_at": "2062-11-20T14:35"}, "called_at"),
        ({"occurred_at": "0001-01-01T00:00+14:00"}, "occurred_at"),
        ({"title": "（机密）沙石镇滑坡"}, "title"),
    ],
)
def test_what_is_wrong_is_named(settings: Settings, changed: dict[str, str], field: str) -> None:
    given = {"department": "沙石镇", "title": "滑坡", "by": "值班员", **changed}
    with pytest.raises(InvalidItem) as caught:
        phone_call(settings, **given, figures=NOTHING)  # type: ignore[arg-type] # strings where strings are wanted
    assert [one.field for one in caught.value.errors] == [field]


def test_a_time_of_day_is_the_last_such_moment() -> None:
    assert moment_of("14:35", NOW) == datetime(2026, 11, 20, 14, 35, tzinfo=CHINA)
    assert moment_of("23:50", NOW) == datetime(2026, 11, 19, 23, 50, tzinfo=CHINA)
    assert moment_of("2026-11-20T09:00", NOW) == datetime(2026, 11, 20, 9, tzinfo=CHINA)
