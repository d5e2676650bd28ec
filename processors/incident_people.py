"""People's decisions on incidents: confirm, reject, close, reopen, merge, split, phone, report up, undo. Pure.

A decision is kept with the incident (``acts``), so that a repeat is recognised and the course can be told from the
incident alone. What follows from acts is added up with the sources (processors.incident_sum).

``merge``: ``details.incidents`` become part of the subject. ``split``: ``details.item_ids`` leave the subject for an
incident of their own. ``phone``: opens an incident from a call, or adds the call to the subject. ``report_up``:
``details.side`` (city or public) was told. ``undo``: takes back ``details.decision_id``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from processors.incident_links import State, local_names
from processors.incident_sum import differences, summed
from schemas.assessment import Facts
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.incident import Incident, IncidentAct, MergedIncident, PhoneCall
from schemas.vocab import Link, Side, Stage

ACTIONS = frozenset({"confirm", "reject", "close", "reopen", "merge", "split", "phone", "report_up", "undo"})


def decided(state: State, decision: Decision) -> list[Incident]:
    """The incidents that a decision changes; [] for a repeat, and for decisions that are no business of incidents.

    Raises InvalidItem where the decision names what is not there: a dead letter, never dropped in silence.
    """
    if decision.subject_type != "incident" or decision.action not in ACTIONS:
        return []
    subject = state.get(decision.subject_id)
    if decision.action == "phone":
        return _phoned(subject, decision)
    if subject is None:
        raise _unknown("subject_id", decision.subject_id)
    if any(one.decision_id == decision.decision_id for one in subject.acts):
        return []
    match decision.action:
        case "merge":
            return _merge(state, subject, decision)
        case "split":
            return _split(subject, decision, _ids(decision, "item_ids"))
        case "undo":
            return _undo(state, subject, decision)
        case _:
            return [_changed(subject, [_act(decision)], decision)]


def _phoned(subject: Incident | None, decision: Decision) -> list[Incident]:
    call = _call(decision)
    if subject is not None and any(one.call_id == call.call_id for one in subject.calls):
        return []
    if subject is None:
        opened = Incident(
            incident=decision.subject_id,
            district=decision.district,
            version=0,
            alert_version=0,
            stage=Stage.PHONED,
            title=call.title,
            in_district=True,
            opened_at=decision.at,
            changed_at=decision.at,
        )
        return [_changed(opened, [], decision, calls=(call,))]
    return [_changed(subject, [], decision, calls=(*subject.calls, call))]


def _call(decision: Decision) -> PhoneCall:
    details = decision.details
    try:
        return PhoneCall.model_validate(
            {
                **{name: details.get(name) for name in ("event_class", "event_type", "level") if details.get(name)},
                "call_id": decision.decision_id,
                "department": details.get("department"),
                "called_at": details.get("called_at") or decision.at,
                "recorded_at": decision.at,
                "title": details.get("title"),
                "facts": details.get("facts") or {},
                "names": local_names(str(details.get("title") or "")),
            }
        )
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise InvalidItem(
            [FieldError(f"details.{one['loc'][0]}", one["msg"], "电话记录不完整") for one in found]
        ) from None


def _merge(state: State, subject: Incident, decision: Decision) -> list[Incident]:
    others = [_present(state, one) for one in _ids(decision, "incidents") if one != subject.incident]
    _demand_free([subject, *others], into=subject.incident)
    others = [one for one in others if one.merged_into is None]
    spent = [_spent(one, subject.incident, decision) for one in others]
    grown = subject
    for other in others:
        record = MergedIncident(
            incident=other.incident,
            item_ids=tuple(one.item_id for one in other.sources),
            call_ids=tuple(one.call_id for one in other.calls),
            opened_at=other.opened_at,
            at=decision.at,
            decision_id=decision.decision_id,
        )
        moved = tuple(one if one.link else one.model_copy(update={"link": Link.PERSON}) for one in other.sources)
        grown = grown.model_copy(
            update={
                "sources": (*grown.sources, *moved),
                "calls": (*grown.calls, *other.calls),
                "merged": (*grown.merged, record, *other.merged),
                "apart": tuple(one for one in grown.apart if one != other.incident),
                "opened_at": min(grown.opened_at, other.opened_at),
            }
        )
    act = _act(decision, incidents=[one.incident for one in others])
    return [_changed(grown, [act], decision, before=subject), *spent]


def _split(subject: Incident, decision: Decision, items: Iterable[str], into: str | None = None) -> list[Incident]:
    wanted = set(items)
    calls = [one for one in subject.calls if one.call_id in wanted]
    leaving = [one for one in subject.sources if one.item_id in wanted]
    missing = wanted - {one.item_id for one in leaving} - {one.call_id for one in calls}
    if missing or not (leaving or calls):
        raise _unknown("details.item_ids", ", ".join(sorted(missing)) or "none given")
    if len(leaving) + len(calls) == len(subject.sources) + len(subject.calls):
        raise InvalidItem([FieldError("details.item_ids", "all sources would leave", "不能把全部来源拆出")])
    new = into or digest("split", subject.incident, decision.decision_id)
    act = _act(decision, incidents=[new], item_ids=sorted(wanted))
    rest = subject.model_copy(
        update={
            "sources": tuple(one for one in subject.sources if one.item_id not in wanted),
            "calls": tuple(one for one in subject.calls if one.call_id not in wanted),
            "apart": tuple(dict.fromkeys((*subject.apart, new))),
        }
    )
    opened = Incident(
        incident=new,
        district=subject.district,
        version=0,
        alert_version=0,
        stage=Stage.PROVISIONAL,
        title=(leaving[0].title if leaving else calls[0].title),
        sources=tuple(leaving),
        calls=tuple(calls),
        apart=(subject.incident,),
        opened_at=min([one.received_at for one in leaving] + [one.recorded_at for one in calls]),
        changed_at=decision.at,
    )
    return [
        _changed(rest, [act], decision, before=subject),
        _changed(opened, [_act(decision, incidents=[subject.incident])], decision),
    ]


def _undo(state: State, subject: Incident, decision: Decision) -> list[Incident]:
    wanted = str(decision.details.get("decision_id") or "")
    undone = next((one for one in subject.acts if one.decision_id == wanted and not one.undone), None)
    if undone is None:
        raise _unknown("details.decision_id", wanted)
    marked = tuple(one.model_copy(update={"undone": True}) if one is undone else one for one in subject.acts)
    before, subject = subject, subject.model_copy(update={"acts": marked})
    if undone.action == "split":
        return _unsplit(state, subject, undone, decision)
    if undone.action == "merge":
        return _unmerge(state, subject, undone, decision)
    return [_changed(subject, [_act(decision)], decision, before=before)]


def _unsplit(state: State, subject: Incident, undone: IncidentAct, decision: Decision) -> list[Incident]:
    return _merge(state, subject, decision.model_copy(update={"details": {"incidents": list(undone.incidents)}}))


def _unmerge(state: State, subject: Incident, undone: IncidentAct, decision: Decision) -> list[Incident]:
    """Each merged incident gets back what it brought."""
    records = [one for one in subject.merged if one.decision_id == undone.decision_id]
    kept = tuple(one for one in subject.merged if one.decision_id != undone.decision_id)
    subject = subject.model_copy(update={"merged": kept})
    changed: dict[str, Incident] = {}
    for record in records:
        rest, apart = _split(subject, decision, [*record.item_ids, *record.call_ids], into=record.incident)
        old = _present(state, record.incident)
        update = {"version": old.version + 1, "alert_version": old.alert_version + 1, "acts": (*old.acts, *apart.acts)}
        changed[record.incident] = summed(apart.model_copy(update={**update, "opened_at": record.opened_at}))
        subject = rest.model_copy(update={"version": subject.version, "acts": subject.acts})
    act = _act(decision, incidents=[one.incident for one in records])
    return [_changed(subject, [act], decision), *changed.values()]


def _demand_free(incidents: Iterable[Incident], into: str) -> None:
    """Of two who merge one incident into different ones the second is refused: it has nothing left to bring."""
    gone = [one for one in incidents if one.merged_into not in (None, into)]
    if gone:
        said = ", ".join(f"{one.incident} into {one.merged_into}" for one in gone)
        raise InvalidItem([FieldError("details.incidents", f"was merged already: {said}", "所选事件已并入另一起")])


def _spent(other: Incident, into: str, decision: Decision) -> Incident:
    act = _act(decision, incidents=[into])
    return other.model_copy(
        update={
            "sources": (),
            "calls": (),
            "merged": (),
            "merged_into": into,
            "closed": True,
            "acts": (*other.acts, act),
            "version": other.version + 1,
            "alert_version": other.alert_version + 1,
            "changed_at": max(other.changed_at, decision.at),
            "cause_event": decision.decision_id,
        }
    )


def _changed(
    incident: Incident,
    acts: list[IncidentAct],
    decision: Decision,
    *,
    calls: tuple[PhoneCall, ...] | None = None,
    before: Incident | None = None,
) -> Incident:
    """The next version: acts in order of time, everything added up again, and what people must hear of counted."""
    old = before or incident
    ordered = tuple(sorted((*incident.acts, *acts), key=lambda one: (one.at, one.decision_id)))
    new = summed(
        incident.model_copy(
            update={
                "acts": ordered,
                "calls": incident.calls if calls is None else calls,
                "version": incident.version + 1,
                "changed_at": max(incident.changed_at, decision.at),
                "cause_event": decision.decision_id,
            }
        )
    )
    news = differences(old.facts, new.facts, decision.decision_id, decision.at) if old.version else []
    loud = bool(news) or standing(old) != standing(new) or not old.version
    return new.model_copy(
        update={"changes": (*new.changes, *news), "alert_version": incident.alert_version + int(loud)}
    )


def standing(incident: Incident) -> tuple[object, ...]:
    """A change of this is a change that people must hear of.

    Not of a confirmation or a rejection: the alerts follow those decisions themselves and tell whom they concern.
    """
    return incident.level, incident.stage, incident.closed and not incident.rejected


def _act(decision: Decision, *, incidents: Iterable[str] = (), item_ids: Iterable[str] = ()) -> IncidentAct:
    side = decision.details.get("side") if decision.action == "report_up" else None
    if decision.action == "report_up" and side not in (Side.CITY, Side.PUBLIC):
        raise InvalidItem([FieldError("details.side", "one of city, public", "须注明已报市或已对外发布")])
    return IncidentAct(
        decision_id=decision.decision_id,
        action=decision.action,
        by=decision.by,
        at=decision.at,
        reason=decision.reason,
        incidents=tuple(incidents),
        item_ids=tuple(item_ids),
        side=Side(str(side)) if side else None,
    )


def _ids(decision: Decision, name: str) -> list[str]:
    found = decision.details.get(name)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or not found:
        raise InvalidItem([FieldError(f"details.{name}", "a list of ids", "须列出编号")])
    return [str(one) for one in found]


def _present(state: Mapping[str, Incident], identifier: str) -> Incident:
    if identifier not in state:
        raise _unknown("details.incidents", identifier)
    return state[identifier]


def _unknown(field: str, what: str) -> InvalidItem:
    return InvalidItem([FieldError(field, f"not known: {what}", f"找不到：{what}")])


def facts_of(**figures: object) -> dict[str, object]:
    """Figures of a call as the details of a decision carry them; what is not stated is left out."""
    return Facts.model_validate({name: value for name, value in figures.items() if value is not None}).model_dump(
        mode="json", exclude_none=True
    )
