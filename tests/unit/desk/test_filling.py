"""Documents that an earlier version wrote: every field that pages name is there."""

from __future__ import annotations

from desk.filling import filled
from schemas.alert import Alert, Delivery
from schemas.incident import FigureChange, Incident, IncidentSource, PhoneCall
from tests.index_events import NOON

OLD = {
    "incident": "i1", "district": "zhanggong", "version": 3, "alert_version": 1, "stage": "first", "title": "山体滑坡",
    "opened_at": NOON.isoformat(), "changed_at": NOON.isoformat(), "complete": True, "_id": "i1",
    "sources": [
        {"item_id": "a", "version": 1, "lane": "report", "source": "U064", "received_at": NOON.isoformat(),
         "facts": {"injured": 3, "event_time": {"start": NOON.isoformat(), "precision": "hour"}}},
    ],
    "changes": [{"figure": "injured", "before": 1, "after": 3, "item_id": "a"}],
}  # fmt: skip


def test_an_old_incident_has_every_field_of_today() -> None:
    made = filled("incidents", OLD)
    assert made.keys() >= Incident.model_fields.keys()
    assert made["sources"][0].keys() == IncidentSource.model_fields.keys()
    assert made["changes"][0].keys() == FigureChange.model_fields.keys()
    assert (made["calls"], made["signed"], made["merged_into"], made["sources"][0]["doubts"]) == ([], False, None, [])
    assert (made["sources"][0]["facts"]["injured"], made["sources"][0]["facts"]["deaths"]) == (3, None)
    assert made["_id"] == "i1"
    assert Incident.model_validate(made) == Incident.model_validate(OLD)


def test_what_is_there_stays_and_the_given_document_too() -> None:
    call = {"call_id": "c", "department": "U064", "called_at": NOON.isoformat(), "recorded_at": NOON.isoformat(),
            "title": "起火"}  # fmt: skip
    given = OLD | {"signed": True, "level": "III", "calls": [call]}
    made = filled("incidents", given)
    assert (made["signed"], made["level"]) == (True, "III")
    assert made["calls"][0].keys() == PhoneCall.model_fields.keys()
    assert given["calls"] == [call]
    assert "merged" not in given


def test_an_old_alert_has_its_attempts_filled_and_other_documents_stay() -> None:
    attempt = {
        "delivery_id": "d",
        "alert_id": "a1",
        "incident": "i1",
        "channel": "log",
        "outcome": "failed",
        "tries": 1,
    }
    made = filled("alerts", {"alert_id": "a1", "incident": "i1", "deliveries": [attempt]})
    assert made.keys() >= {name for name, one in Alert.model_fields.items() if not one.is_required()}
    assert made["deliveries"][0].keys() >= {n for n, one in Delivery.model_fields.items() if not one.is_required()}
    assert filled("items", {"item_id": "x"}) == {"item_id": "x"}
