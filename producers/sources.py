"""Declared sources: one YAML file each in the district folder, checked when loaded (file, line and cause)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, Field, StringConstraints, ValidationError, field_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from schemas.base import EdgeModel
from schemas.errors import DistrictError

SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")]
ATTRIBUTE = re.compile(r"^(.*?)::attr\(([A-Za-z0-9_:-]+)\)$", re.DOTALL)


def _selector(text: str) -> str:
    match = ATTRIBUTE.match(text)
    try:
        LexborHTMLParser("<p></p>").css(match[1] if match else text)
    except (ValueError, SelectolaxError) as error:
        raise ValueError(f"not a CSS selector: {text}") from error
    return text


Selector = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_selector)]
"""A CSS selector; ``::attr(name)`` at its end takes an attribute instead of the text."""


class Source(EdgeModel):
    """What every source has. ``name`` is the outlet or site as people know it and the ``source`` of its items."""

    id: SourceId
    name: str = Field(min_length=1, max_length=100)
    enabled: bool = True
    interval_s: float = Field(default=600, ge=30, description="Pause between two tries")


class FeedSource(Source):
    """A media feed (``media/*.yml``): RSS, Atom or RDF."""

    url: WebAddress
    max_entries: int = Field(default=500, ge=1, le=5000)


class ListPage(EdgeModel):
    """The page that lists posts. ``min`` and ``max`` bound the number of posts on the first page: outside them the page
    has changed and nothing is taken."""

    url: WebAddress
    item: Selector
    link: Selector
    title: Selector | None = None
    time: Selector | None = None
    next: Selector | None = None
    pages: int = Field(default=1, ge=1, le=20)
    min: int = Field(ge=1)
    max: int = Field(ge=1)


class ItemPage(EdgeModel):
    """The page of one post. Nothing about its author is ever read."""

    title: Selector | None = None
    text: Selector
    time: Selector | None = None


class Limits(EdgeModel):
    """``items``: posts fetched in one run. ``requests_per_s`` is lowered by a site's Crawl-delay, never raised."""

    items: int = Field(default=50, ge=1, le=1000)
    requests_per_s: float = Field(default=1.0, gt=0, le=1.0)
    bad_share: float = Field(
        default=0.2, ge=0, le=0.5, description="Above this share of doubtful posts nothing is sent"
    )


class OpinionSource(Source):
    """A site with public posts (``opinion/*.yml``). ``hosts`` are all that may be asked, redirects included.

    ``post_id`` is a regular expression over the post's address whose first group is the post's own id.
    """

    hosts: tuple[str, ...] = Field(min_length=1)
    list: ListPage
    item: ItemPage
    post_id: str | None = None
    limits: Limits = Limits()

    @field_validator("hosts")
    @classmethod
    def _lower(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.lower() for host in hosts)

    @field_validator("post_id")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        try:
            groups = re.compile(pattern).groups if pattern is not None else 1
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if groups < 1:
            raise ValueError("needs a group around the post's id")
        return pattern

    @field_validator("item")
    @classmethod
    def _has_what_it_needs(cls, item: ItemPage, info: Any) -> ItemPage:
        listed: ListPage | None = info.data.get("list")
        for name in ("title", "time"):
            if listed is not None and getattr(item, name) is None and getattr(listed, name) is None:
                raise ValueError(f"{name} needs a selector, here or under list")
        if listed is not None and listed.max < listed.min:
            raise ValueError("list.max is below list.min")
        return item


S = TypeVar("S", bound=Source)


def load_feeds(district: Path) -> tuple[FeedSource, ...]:
    """The media feeds of a district folder. Raises DistrictError."""
    return _load(district / "media", FeedSource)


def load_opinion(district: Path) -> tuple[OpinionSource, ...]:
    """The opinion sources of a district folder. Raises DistrictError."""
    return _load(district / "opinion", OpinionSource)


def _load(folder: Path, model: type[S]) -> tuple[S, ...]:
    sources: dict[str, S] = {}
    for path in sorted(folder.glob("*.yml")):
        source = _read(path, model)
        if source.id in sources:
            raise DistrictError(str(path), 1, f"the source id {source.id} is given twice")
        sources[source.id] = source
    return tuple(source for source in sources.values() if source.enabled)


def _read(path: Path, model: type[S]) -> S:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DistrictError(str(path), line, error.problem or "not YAML") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DistrictError(str(path), 1, str(error)) from error
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DistrictError(str(path), _line(node, first["loc"]), f"{where}: {first['msg']}") from error


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line of the deepest part of a path that is in the file."""
    line = 1
    for part in path:
        if not isinstance(node, yaml.MappingNode):
            break
        found = next(((key, value) for key, value in node.value if key.value == part), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
