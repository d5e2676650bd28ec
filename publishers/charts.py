"""Charts as SVG, drawn from figures: plain bars and lines that print well in one colour and need no script."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from schemas.bulletin import BulletinChart

WIDTH, HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 24, 36
_SIZE, _NARROW, _GAP, _LEADING = 14.0, 8.0, 8.0, 16
"""Of a letter: how wide a Chinese and a Latin one is; between two labels; from line to line."""
_INK, _LINE, _FILL = "#333333", "#d9d9d9", "#c1121f"
_FONT = "Noto Serif SC, Noto Serif CJK SC, FangSong, serif"
_STEPS = 4
_MOST_LINES = 3


def svg(chart: BulletinChart) -> str:
    """The chart, WIDTH x HEIGHT units; its title is its ``<title>`` for those who listen instead of look."""
    top = _round_up(max(chart.values, default=0.0))
    names = _names(chart)
    floor = HEIGHT - _BOTTOM - _LEADING * (max(map(len, names), default=1) - 1)
    drawn = _bars(chart, top, floor) if chart.form == "bar" else _curve(chart, top, floor)
    inner = [*_grid(top, floor), *drawn, *_labels(chart, names, floor)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" font-family="{_FONT}" font-size="14"><title>{escape(describe(chart))}</title>'
        f"{''.join(inner)}</svg>"
    )


def picture(chart: BulletinChart) -> Markup:
    """The chart for a template, as it is: every word in it is escaped where it is drawn."""
    return Markup(svg(chart))  # noqa: S704 - labels and title go through escape


def describe(chart: BulletinChart) -> str:
    """The figures in words: what a screen reader says and what stands below a picture that cannot be seen."""
    said = "，".join(
        f"{label}{value:g}{chart.unit}" for label, value in zip(chart.labels, chart.values, strict=True) if value
    )
    return f"{chart.title}：{said or '无'}"


def _round_up(value: float) -> float:
    step = 1.0
    while step * _STEPS < value:
        step = step * 2 if str(int(step))[0] == "1" else step * 2.5 if str(int(step))[0] == "2" else step * 2
    return step * _STEPS


def _y(value: float, top: float, floor: float) -> float:
    return _TOP + (floor - _TOP) * (1 - value / top)


def _slot(chart: BulletinChart) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(len(chart.labels), 1)


def _grid(top: float, floor: float) -> list[str]:
    parts = []
    for step in range(_STEPS + 1):
        value = top * step / _STEPS
        y = _y(value, top, floor)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="{_LINE}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{value:g}</text>')
    return parts


def _bars(chart: BulletinChart, top: float, floor: float) -> list[str]:
    slot, parts = _slot(chart), []
    for number, value in enumerate(chart.values):
        x, y = _LEFT + slot * (number + 0.2), _y(value, top, floor)
        height = floor - y
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{slot * 0.6:.1f}" height="{height:.1f}" fill="{_FILL}"/>')
        if value:
            middle = x + slot * 0.3
            parts.append(f'<text x="{middle:.1f}" y="{y - 4:.1f}" text-anchor="middle" fill="{_INK}">{value:g}</text>')
    return parts


def _curve(chart: BulletinChart, top: float, floor: float) -> list[str]:
    slot = _slot(chart)
    points = " ".join(
        f"{_LEFT + slot * (n + 0.5):.1f},{_y(value, top, floor):.1f}" for n, value in enumerate(chart.values)
    )
    return [f'<polyline points="{points}" fill="none" stroke="{_FILL}" stroke-width="2.5"/>']


def _wide(text: str) -> float:
    return sum(_NARROW if sign.isascii() else _SIZE for sign in text)


def _names(chart: BulletinChart) -> list[list[str]]:
    """The lines of each label, none for one that is left out: those of bars are broken so that no two touch, of the
    moments of a line only so many are named as there is room for."""
    room = _slot(chart) - _GAP
    if chart.form == "bar":
        return [_broken(label, room) for label in chart.labels]
    widest = max(map(_wide, chart.labels), default=0.0)
    every = max(-(-(widest + _GAP) // _slot(chart)), 1)
    return [[label] if number % every == 0 else [] for number, label in enumerate(chart.labels)]


def _broken(label: str, room: float) -> list[str]:
    """In lines of about the same length; what three lines cannot hold is cut off with a sign of it."""
    count = min(max(int(-(-_wide(label) // max(room, _SIZE))), 1), _MOST_LINES)
    aim = max(_wide(label) / count, 1.0)
    lines: list[str] = [""]
    for sign in label:
        full = _wide(lines[-1] + sign) > room or _wide(lines[-1]) >= aim
        if full and lines[-1]:
            lines.append("")
        lines[-1] += sign
    if len(lines) > _MOST_LINES:
        lines = lines[:_MOST_LINES]
        lines[-1] = lines[-1][:-1] + "…"
    return lines


def _labels(chart: BulletinChart, names: list[list[str]], floor: float) -> list[str]:
    slot = _slot(chart)
    return [
        f'<text x="{_LEFT + slot * (number + 0.5):.1f}" y="{floor + 18 + _LEADING * line:.0f}" text-anchor="middle"'
        f' fill="{_INK}">{escape(part)}</text>'
        for number, parts in enumerate(names)
        for line, part in enumerate(parts)
    ]
