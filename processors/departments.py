"""The register of departments: who may report, under which names (departments.tsv)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from processors.late import late
from processors.tables import Table

_SPLIT = late(r"[|\s]+")
_SUFFIXES = (
    "人民政府",
    "政府",
    "办事处",
    "党政综合办",
    "党政办公室",
    "党政办",
    "党委",
    "党工委",
    "办公室",
    "信息员",
    "值班室",
)


@dataclass(frozen=True, slots=True)
class Department:
    """One department. ``appraisal_class`` is 一类, 二类, 三类, 镇街 or 免考; ``watch`` are its fields of duty."""

    id: str
    kind: str
    name: str
    short_name: str
    appraisal_class: str
    watch: tuple[str, ...] = ()
    event_codes: tuple[str, ...] = ()


class Register:
    """Finds a department by id, official name, short name, former name, or the usual shortenings of these.

    ``beginnings``: how names of the district's departments begin, longest first (``processors.home``).
    """

    def __init__(
        self, departments: Iterable[tuple[Department, tuple[str, ...]]], beginnings: Sequence[str] = ()
    ) -> None:
        self._beginnings = tuple(beginnings)
        self._by_name: dict[str, Department | None] = {}
        listed = list(departments)
        self.departments = tuple(department for department, _ in listed)
        for department, names in listed:
            for name in (department.id, *names):
                self._by_name[name] = department
        for department, names in listed:
            for name in names:
                self._add_short(self._bare(name), department)

    def _add_short(self, name: str, department: Department) -> None:
        if len(name) < 2:
            return
        known = self._by_name.get(name, department)
        self._by_name[name] = department if known is department else None  # two bearers: neither

    def resolve(self, source: str) -> Department | None:
        """The department of a source as written; None where unknown or ambiguous."""
        name = source.strip()
        return self._by_name.get(name) or self._by_name.get(self._bare(name))

    def __iter__(self) -> Iterator[Department]:
        return iter(self.departments)

    def _bare(self, name: str) -> str:
        """The name without the usual beginnings and endings: 章贡区应急管理局 -> 应急管理局."""
        bare = name.strip()
        for prefix in self._beginnings:
            if bare.startswith(prefix) and len(bare) - len(prefix) >= 2:
                bare = bare[len(prefix) :]
                break
        for suffix in _SUFFIXES:
            if bare.endswith(suffix) and len(bare) - len(suffix) >= 3:
                return bare[: -len(suffix)]
        return bare

    @classmethod
    def from_table(cls, table: Table, beginnings: Sequence[str] = ()) -> Register:
        """From departments.tsv; ids and names must be unique."""
        table.require(["id", "kind", "official_name", "short_names", "appraisal_class"])
        listed, ids = [], set()
        for row in table:
            if row["id"] in ids:
                raise row.error(f"department id {row['id']} is given twice")
            ids.add(row["id"])
            short = row.parts("short_names")
            former = [] if row.get("names_around_2010").startswith("(") else _SPLIT.split(row.get("names_around_2010"))
            old = tuple(name for name in former if name and not name.startswith("("))
            department = Department(
                id=row["id"],
                kind=row["kind"],
                name=row["official_name"],
                short_name=short[0] if short else row["official_name"],
                appraisal_class=row["appraisal_class"],
                watch=tuple(row.get("watch").split()),
                event_codes=row.parts("event_codes", ";"),
            )
            listed.append((department, (row["official_name"], *short, *old)))
        return cls(_drop_shared_former_names(listed), beginnings)


def _drop_shared_former_names(
    listed: list[tuple[Department, tuple[str, ...]]],
) -> list[tuple[Department, tuple[str, ...]]]:
    """A former name that two departments carry (水南镇) or that is another's present name decides nothing."""
    present = {name for department, names in listed for name in names[:2]} | {d.short_name for d, _ in listed}
    bearers: dict[str, int] = {}
    for _, names in listed:
        for name in set(names):
            bearers[name] = bearers.get(name, 0) + 1
    return [
        (department, tuple(name for name in names if bearers[name] == 1 or name in present))
        for department, names in listed
    ]
