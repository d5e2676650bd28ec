"""Liaison officers (信息联络员): contact data that stays out of topics, index, logs and errors.

The office keeps them in a file of its own (``private/liaisons.tsv`` in the data directory, readable by its owner only),
never in the district folder. Values are secrets: printing, logging or dumping one shows stars.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from processors.departments import Register
from processors.tables import Table

COLUMNS = ("department", "name", "phone", "from", "until")
FILE = "private/liaisons.tsv"
LIAISON = "联络员:"
"""Before a department's id: the recipient that stands for its liaison of the day."""


@dataclass(frozen=True, slots=True)
class Liaison:
    """Who reports for a department, from and until a day."""

    department: str
    name: SecretStr
    phone: SecretStr
    since: str = ""
    until: str = ""

    def holds(self, day: str) -> bool:
        """Whether they are the liaison on a day."""
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


def load_liaisons(table: Table, register: Register) -> tuple[Liaison, ...]:
    """From the private table. Raises DistrictError with the line, never with the value."""
    table.require(COLUMNS)
    found = []
    for row in table:
        department = register.resolve(row["department"])
        if department is None:
            raise row.error("department: not in the register")
        given = (SecretStr(row["name"]), SecretStr(row["phone"]))
        found.append(Liaison(department.id, *given, row.get("from"), row.get("until")))
    return tuple(found)


def liaison_of(liaisons: tuple[Liaison, ...], department: str, day: str) -> Liaison | None:
    """The department's liaison on a day; of several the one who came last."""
    holding = [one for one in liaisons if one.department == department and one.holds(day)]
    return max(holding, key=lambda one: one.since, default=None)
