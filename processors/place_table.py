"""The tables of places: what a name stands for (gazetteer.tsv, places.tsv), and a place named in a text."""

from __future__ import annotations

from typing import NamedTuple

from processors.home import Home
from processors.tables import Row, Tables, table

INSIDE_TYPES = frozenset(
    {
        "district",
        "subdistrict",
        "town",
        "village",
        "community",
        "landmark/water",
        "road/bridge",
        "landmark",
        "road",
        "area",
        "zone",
    }
)
DIVISIONS = frozenset({"province", "city", "county", "neighbour county", "country", "street"})
PARTS_OF_TOWNS = frozenset({"village", "community"})


class Place(NamedTuple):
    """A name of the tables; ``inside``: of the district (True), elsewhere (False), or too wide to tell (None).

    ``alone``: whether the bare name can stand without a neighbour in front of it; ``shared``: other places have it too;
    ``common``: it is a word by itself.
    """

    name: str
    kind: str
    code: str
    inside: bool | None
    short: bool = False
    ambiguous: bool = False
    canonical: str = ""
    alone: bool = True
    shared: bool = False
    common: bool = False


class Named(NamedTuple):
    """A place named at [start, end) of the document."""

    start: int
    end: int
    text: str
    inside: bool | None
    code: str
    kind: str
    event: bool = True


def local_names(tables: Tables) -> tuple[str, ...]:
    """Names that mean the district wherever they stand: its own, and in full those of its parts.

    Of what is ambiguous only towns and subdistricts, whose full names (解放街道) are told apart by their last signs.
    """
    rows = table(tables, "gazetteer", ["name", "aliases", "type", "ambiguous"])
    clear = [row for row in rows if row["type"] in INSIDE_TYPES]
    itself = Home.from_tables(tables).itself
    found = {row["name"] for row in clear if row["ambiguous"] != "Y" or row["type"] in {"subdistrict", "town"}}
    for row in rows:
        if row["type"] == "district":
            found |= {alias for alias in row["aliases"].split("|") if alias and alias not in itself}
    return tuple(sorted(name for name in found if len(name) > 1 and name.isalpha()))


def of_gazetteer(row: Row, home: Home) -> list[tuple[str, Place]]:
    kind, name = row["type"], row["name"].split("(")[0]
    if "?" in row["code"] and row.get("valid_to"):
        return []
    inside: bool | None = kind in INSIDE_TYPES
    if name in home.wide or kind in {"province", "city"} or (kind == "zone" and row["parent"] == home.city):
        inside = None
    elif kind == "neighbour county":
        inside = False
    ambiguous = row["ambiguous"] == "Y"
    listed = [(name, Place(name, kind, row["code"], inside, canonical=name))]
    for alias in row.parts("aliases"):
        alias = alias.strip("?")
        if len(alias) < 2 or (kind == "village" and len(alias) < 2):
            continue
        full = alias.endswith(("街道办", "街道办事处", "办"))
        short = not full and alias not in home.itself
        listed.append((alias, Place(name, kind, row["code"], inside, short, ambiguous or kind == "village", name)))
    if kind == "subdistrict":
        listed.append((name.removesuffix("街道"), Place(name, kind, row["code"], inside, True, True, name)))
    if name.endswith("高架路"):
        listed.append((name.removesuffix("路"), Place(name, kind, row["code"], inside, canonical=name)))
    return listed


def of_places(row: Row, home: Home) -> list[tuple[str, Place]]:
    kind, name, code, short = row["type"], row["name"], row["code"], row.get("short")
    inside: bool | None = kind in INSIDE_TYPES
    if name in home.wide:
        inside = None
    elif code == home.code or kind in PARTS_OF_TOWNS:
        inside = True
    listed = [(name, Place(name, kind, code, inside, False, False, name))]
    if short and short != name:
        ambiguous = row["ambiguous"] == "Y"
        alone = not (ambiguous and kind in {"county", "city"})
        listed.append((short, Place(name, kind, code, inside, True, ambiguous, name, alone)))
        if kind == "county" and name.endswith("区") and len(short) > 1 and short[-1] not in "县市旗":
            former = short + "县"
            listed.append((former, Place(name, kind, code, inside, False, False, name)))
    return listed
