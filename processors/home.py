"""The district among its neighbours: what it is called, what it lies in, and which outlets write from there.

From gazetteer.tsv (one row of type ``district``, its city and province) and, where it is there, home.tsv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from processors.late import late
from processors.tables import Tables, table

GAZETTEER, TABLE = "gazetteer", "home"
KINDS = ("own", "near", "far", "there", "absent", "lines", "wide", "shared", "common", "self")
OWN, NEAR, FAR, THERE, ABSENT, LINES, WIDE, SHARED, COMMON, ITSELF = KINDS
"""own: in an outlet's name, it is the district's; near: it is of the city around; far: it writes of all the country or
another part of it, whatever its name says; there: it is of another part, and so are those who write to it; absent:
what neither the district nor the city around has (地铁), so that a post naming it is from elsewhere; lines: how names
of the city's motorways begin, another one being elsewhere; wide: names of what the district lies in, beside city and
province; shared: rivers and hills that other places have too; common: bare names of its parts that are words by
themselves; self: what the district calls itself (我县, 全县). Without a row of that kind these words follow from the
last sign of its name."""
SIGNS = "区县市旗"


@dataclass(frozen=True, slots=True)
class Home:
    """``bare``: the name without 区, 县, 市; ``wide``: names that place nothing, because the district lies in them.

    ``sign``: 区, 县, 市 or 旗; ``itself``: what it calls itself, ``ours`` and ``whole`` of these 我区 and 全区.
    """

    name: str
    bare: str
    code: str
    city: str
    wide: frozenset[str]
    shared: frozenset[str]
    common: frozenset[str]
    sign: str
    itself: frozenset[str]
    own: re.Pattern[str]
    near: re.Pattern[str]
    far: re.Pattern[str]
    there: re.Pattern[str]
    absent: re.Pattern[str]
    lines: frozenset[str]

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """Raises DistrictError where the gazetteer does not name the district."""
        gazetteer = table(tables, GAZETTEER, ["name", "type", "parent", "code"])
        listed = [row for row in gazetteer if row["type"] == "district"]
        if len(listed) != 1:
            names = "、".join(row["name"] for row in listed) or "none"
            raise gazetteer.error(f"one row of type district, the office's own; found {names}")
        if not listed[0]["code"]:  # hundreds of rows of places.tsv have none, countries among them: all would be ours
            raise listed[0].error("code: the district's own, as places.tsv has it")
        words = _words(tables)
        around = {row["name"] for row in gazetteer if row["type"] in {"province", "city"}}
        name, city = listed[0]["name"], listed[0]["parent"]
        return cls(
            name=name,
            bare=bare_name(name),
            code=listed[0]["code"],
            city=city,
            wide=frozenset(around | words[WIDE]),
            shared=frozenset(words[SHARED]),
            common=frozenset(words[COMMON]),
            sign=sign_of(name),
            itself=frozenset(words[ITSELF] or _itself(sign_of(name))),
            own=_any({bare_name(name), *words[OWN]}),
            near=_any({bare_name(city), *words[NEAR]}),
            far=_any(words[FAR] | words[THERE]),
            there=_any(words[THERE]),
            absent=_any(words[ABSENT]),
            lines=frozenset(words[LINES]),
        )

    @property
    def level(self) -> str:
        """区级, 县级: of which level its office is; 旗 and county-level 市 are 县级 (市级 would be the city around)."""
        return "区级" if (self.ours or self.sign).endswith("区") else "县级"

    @property
    def ours(self) -> str:
        """我区, 我县: how it speaks of itself; "" where no word says so."""
        return self._beginning("我")

    @property
    def whole(self) -> str:
        """全区, 全县: all of it; its name where no word says so."""
        return self._beginning("全") or self.name

    def _beginning(self, sign: str) -> str:
        return next((word for word in sorted(self.itself) if word.startswith(sign)), "")


def bare_name(name: str) -> str:
    """章贡 of 章贡区; two signs at least stay."""
    return name[:-1] if len(name) > 2 and name[-1] in SIGNS else name


def sign_of(name: str) -> str:
    """区 of 章贡区, 县 of 归山县; of a name that says none, 区."""
    return name[-1] if name[-1] in SIGNS else SIGNS[0]


def _itself(sign: str) -> tuple[str, ...]:
    return (f"我{sign}", f"全{sign}", f"本{sign}", f"{sign}里")


def beginnings(name: str, city: str, full_name: str) -> tuple[str, ...]:
    """How names of the district's departments begin, longest first: 江西省赣州市章贡区, 章贡区委, 区委, 区.

    ``city`` is empty where the district lies in none (直辖市, 省直管县).
    """
    sign = name[-1]
    every = (
        full_name,
        f"中共{city}{name}委",
        f"{city}{name}",
        f"中共{name}委",
        f"{name}委",
        city,
        name,
        bare_name(name),
        f"{sign}委",
        sign,
    )
    return tuple(one for one in every if one)  # every name begins with an empty one, which would hide those behind it


def _words(tables: Tables) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    if TABLE not in tables:
        return found
    for row in table(tables, TABLE, ["kind", "words", "source"]):
        if row["kind"] not in found:
            raise row.error(f"kind: '{row['kind']}' is none of {', '.join(KINDS)}")
        found[row["kind"]] |= set(row.parts("words"))
    return found


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return late("|".join(map(re.escape, sorted(word for word in words if word))) or r"(?!)")
