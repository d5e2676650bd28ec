"""Look-alike characters, measured on the glyphs of an open font (Noto Sans SC, OFL 1.1; wheel pylopdf-fonts-zh-cn).

Every character is drawn by typst on a grid, blurred a little and compared with all others as pictures. Nothing is
copied
from a list of look-alikes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pylopdf_fonts_zh_cn
import typst

from processors.wording.encoding import Array

CELL = 40
COLUMNS = 100
FONT_SIZE = 36
# Cosine of the blurred pictures; at 0.70 拔拨, 候侯 and 辐幅 are pairs; characters that only share a frame are not.
LEAST_LIKENESS = 0.70
_SHIFTS = ((0, 0), (0, 2), (0, -2), (2, 0), (-2, 0))


def _png(characters: Sequence[str]) -> bytes:
    rows = -(-len(characters) // COLUMNS)
    cells = ",".join(f"[{c}]" for c in characters)
    source = (
        f"#set page(width: {CELL * COLUMNS}pt, height: {CELL * rows}pt, margin: 0pt)\n"
        f'#set text(font: "Noto Sans SC", size: {FONT_SIZE}pt, top-edge: "ascender", bottom-edge: "descender")\n'
        f"#grid(columns: ({CELL}pt,) * {COLUMNS}, rows: {CELL}pt, align: center + horizon, {cells})\n"
    )
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.compile(source.encode(), format="png", ppi=72, font_paths=[str(folder).encode()])


def _unfilter(data: bytes, width: int, height: int, depth: int) -> Array:
    """PNG scanline filters (ISO/IEC 15948, clause 9), for 8-bit samples."""
    stride = width * depth
    out = np.zeros((height, stride), dtype=np.uint8)
    before = np.zeros(stride, dtype=np.uint8)
    for y in range(height):
        start = y * (stride + 1)
        kind = data[start]
        line = np.frombuffer(data, dtype=np.uint8, count=stride, offset=start + 1).reshape(width, depth)
        up = before.reshape(width, depth)
        if kind == 0:
            row = line
        elif kind == 1:
            row = np.cumsum(line, axis=0, dtype=np.uint8)
        elif kind == 2:
            row = line + up
        else:
            row = _unfilter_slow(line, up, kind)
        out[y] = before = row.reshape(stride)
    return out.reshape(height, width, depth)


def _unfilter_slow(line: Array, up: Array, kind: int) -> Array:
    row = np.zeros_like(line)
    left = np.zeros(line.shape[1], dtype=np.int64)
    corner = left.copy()
    for x in range(len(line)):
        above = up[x].astype(np.int64)
        if kind == 3:
            guess = (left + above) // 2
        else:
            estimate = left + above - corner
            distances = np.stack([abs(estimate - left), abs(estimate - above), abs(estimate - corner)])
            guess = np.choose(distances.argmin(axis=0), [left, above, corner])
        row[x] = (line[x].astype(np.int64) + guess) & 0xFF
        left, corner = row[x].astype(np.int64), above
    return row


def decode_png(data: bytes) -> Array:
    """Grey picture (rows, columns), 0 white to 1 black."""
    position, body = 8, bytearray()
    width = height = colour = 0
    while position < len(data):
        length = int.from_bytes(data[position : position + 4])
        name = data[position + 4 : position + 8]
        chunk = data[position + 8 : position + 8 + length]
        if name == b"IHDR":
            width, height, colour = int.from_bytes(chunk[:4]), int.from_bytes(chunk[4:8]), chunk[9]
        elif name == b"IDAT":
            body += chunk
        position += 12 + length
    depth = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    return 1.0 - _unfilter(zlib.decompress(bytes(body)), width, height, depth)[:, :, 0].astype(np.float32) / 255


def _pictures(characters: Sequence[str]) -> Array:
    grey = decode_png(_png(characters))
    rows = grey.shape[0] // CELL
    cells = grey.reshape(rows, CELL, COLUMNS, CELL).swapaxes(1, 2).reshape(-1, CELL, CELL)
    return cells[: len(characters)]


def _blur(cells: Array) -> Array:
    """Box blur of 3 pixels, then half the size: small shifts of strokes no longer matter."""
    wide = np.pad(cells, ((0, 0), (1, 1), (1, 1)))
    soft = np.zeros_like(cells)
    for y, x in np.ndindex(3, 3):
        soft += wide[:, y : y + CELL, x : x + CELL] / 9
    return np.asarray(soft.reshape(len(cells), CELL // 2, 2, CELL // 2, 2).mean(axis=(2, 4)))


def _unit(cells: Array) -> Array:
    flat = cells.reshape(len(cells), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def look_alikes(characters: Sequence[str], most: int) -> dict[str, list[tuple[str, float]]]:
    """For each character up to ``most`` others by falling likeness, none below ``LEAST_LIKENESS``."""
    soft = _blur(_pictures(characters))
    base = _unit(soft)
    best = np.zeros((len(characters), len(characters)), dtype=np.float32)
    for dy, dx in _SHIFTS:
        best = np.maximum(best, _unit(np.roll(soft, (dy // 2, dx // 2), axis=(1, 2))) @ base.T)
    np.fill_diagonal(best, 0)
    found: dict[str, list[tuple[str, float]]] = {}
    for index, row in enumerate(best):
        order = np.argsort(-row, kind="stable")[:most]
        found[characters[index]] = [(characters[j], float(row[j])) for j in order if row[j] >= LEAST_LIKENESS]
    return found
