"""Judgement put together: the district's tables compiled, the trained models loaded."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from huiyao.collector import collect_seldom
from huiyao.districts import DistrictFolder
from huiyao.network import FILE, OnnxNetwork
from processors.assess import Judge, Judges
from processors.careful import CarefulJudge
from processors.category.judge import CategoryJudge
from processors.category.kinds import KindJudge
from processors.category.model import CategoryModel
from processors.content import ContentJudge, LearnedClaims
from processors.emergency.judge import EmergencyJudge
from processors.emergency.model import EmergencyModel
from processors.facts import FactJudge
from processors.facts.types import EventTypes
from processors.furniture import Furniture
from processors.opinion import OpinionJudge
from processors.proofread import ProofReader
from processors.reader import SecondReader
from processors.scan import ScannerBuilder
from processors.severity import SeverityTable
from processors.spelling.judge import SpellingJudge
from processors.spelling.model import SpellingReader
from processors.tables import table
from processors.timeliness import load_clocks
from processors.wording.model import WordingModel
from processors.wording.rules import WordingRules
from schemas.errors import SettingsError

if TYPE_CHECKING:
    from processors.stories import StoryMatcher

Arrays = dict[str, npt.NDArray[np.generic]]
DIGEST_DIGITS = 12
MANIFEST = "manifest.json"


def make_judge(folder: DistrictFolder, models_dir: Path, second_reader: bool = True, *, known: bool = False) -> Judge:
    """The judge of a district, with the second reader for what it is unsure of.

    ``known``: the folder has been made and checked whole before, so what only some runs need is made when they ask.
    """
    gc.disable()
    try:
        judge = _made(folder, models_dir, second_reader, known)
        gc.freeze()  # rules and models live as long as the process: the collector need not walk over them again
    finally:
        collect_seldom()
        gc.enable()
    return judge


def _made(folder: DistrictFolder, models_dir: Path, second_reader: bool, known: bool) -> Judge:
    tables = folder.tables
    builder = ScannerBuilder()
    category_model = CategoryModel.from_arrays(load_arrays(models_dir / "category"))
    emergency_model = EmergencyModel.from_arrays(load_arrays(models_dir / "emergency"))
    wording_model = WordingModel.from_arrays(load_arrays(models_dir / "wording"))
    reader = _reader(models_dir / "reader") if second_reader else None
    speller = _speller(models_dir / "spelling", wording_model) if second_reader else None
    learned = LearnedClaims(load_arrays(models_dir / "content"), reader)
    judges = Judges(
        furniture=Furniture.from_tables(tables),
        facts=FactJudge.from_tables(tables, builder),
        event_types=EventTypes.from_tables(tables),
        severity=SeverityTable.from_tables(tables),
        first=CarefulJudge(
            EmergencyJudge.from_tables(tables, builder, emergency_model),
            CategoryJudge.from_tables(tables, builder, category_model),
            reader,
        ),
        kinds=KindJudge.from_tables(tables, builder),
        content=ContentJudge.from_tables(tables, builder, learned),
        wording=ProofReader(wording_model, _wording_rules(folder), builder, speller),
        opinion=OpinionJudge.from_tables(tables, builder, load_arrays(models_dir / "opinion")),
        clocks=load_clocks(table(tables, "clocks", [])),
        scanner=builder.build(),
    )
    version = f"{folder.digest}-{models_digest(models_dir)}"
    later = known and (models_dir / "stories" / MANIFEST).is_file()  # a missing model is told before the first line
    window = partial(_window, folder, models_dir) if later else story_window(folder, models_dir)
    return Judge(folder.id, folder.register, judges, window, version)


def _window(folder: DistrictFolder, models_dir: Path) -> StoryMatcher:
    return story_window(folder, models_dir)()


def story_window(folder: DistrictFolder, models_dir: Path) -> Callable[[], StoryMatcher]:
    """Makes what joins the items of a district to stories; each begins with an empty window."""
    from processors.stories import StoryMatcher, StoryRules  # a run of one item asks for none of this
    from processors.story_model import PairModel

    rules = StoryRules.from_tables(folder.tables, district=folder.id)

    def window() -> StoryMatcher:
        return StoryMatcher(rules, PairModel.from_arrays(load_arrays(models_dir / "stories")))

    return window


def _reader(folder: Path) -> SecondReader:
    """The second reader; its network is read from the disk when it is first asked."""
    return SecondReader(OnnxNetwork(folder / FILE), load_arrays(folder))


def _speller(folder: Path, wording: WordingModel) -> SpellingJudge:
    """The spelling reader; its network too is read when a sentence is first suspected."""
    arrays = load_arrays(folder)
    return SpellingJudge(wording, SpellingReader(OnnxNetwork(folder / FILE), arrays), arrays)


def _wording_rules(folder: DistrictFolder) -> WordingRules:
    """The written rules; names of places and departments are right by definition."""
    tables = folder.tables
    places = [row["name"] for row in table(tables, "gazetteer", ["name"])]
    names = [name for one in folder.register for name in (one.name, one.short_name)]
    return WordingRules.compile(table(tables, "typos", []), table(tables, "text_rules", []), [*places, *names])


def load_arrays(folder: Path) -> Arrays:
    """Every ``.npy`` file of a model folder, memory-mapped: loading costs milliseconds and pages are shared."""
    if not (folder / MANIFEST).is_file():
        raise SettingsError(f"no model in {folder}", hint="set HUIYAO_MODELS_DIR, or run `make train`")
    return {file.stem: _mapped(file) for file in sorted(folder.glob("*.npy"))}


_HEADER = re.compile(rb"\{'descr': '([^']+)', 'fortran_order': (False|True), 'shape': \(([\d, ]*)\), \}")
"""What numpy writes in front of an array. Its own reader compiles that as Python: a hundred files, 30 ms."""
_VERSION = b"\x93NUMPY\x01\x00"
_BEGIN = len(_VERSION) + 2
_LONGEST = 192


def _mapped(file: Path) -> npt.NDArray[np.generic]:
    with file.open("rb") as opened:
        start = opened.read(_LONGEST)
    found = _HEADER.match(start, _BEGIN) if start.startswith(_VERSION) else None
    if found is None:
        mapped: npt.NDArray[np.generic] = np.load(file, mmap_mode="r")
        return mapped
    begin = _BEGIN + int.from_bytes(start[len(_VERSION) : _BEGIN], "little")
    shape = tuple(map(int, found[3].replace(b",", b" ").split()))
    return np.memmap(file, np.dtype(found[1].decode()), "r", begin, shape, "F" if found[2] == b"True" else "C")


@lru_cache(maxsize=4)
def models_digest(models_dir: Path) -> str:
    """A digest over the manifests of all models, which themselves name the digests of their files."""
    digest = hashlib.sha256()
    for manifest in sorted(models_dir.glob("*/manifest.json")):
        digest.update(manifest.read_bytes())
    return digest.hexdigest()[:DIGEST_DIGITS]
