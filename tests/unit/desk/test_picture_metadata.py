"""Photos are kept without place, time, device and names, the right way up; what cannot be decoded is refused."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageCms, PngImagePlugin

from desk.attachments import Attachments
from desk.database import Database
from desk.filetypes import AttachmentRules
from desk.pictures import without_metadata
from schemas.errors import InvalidItem
from tests.unit.desk.conftest import KEY, Harness

CAMERA, NOTE, XMP = "Nokia-XJ44", "章江大桥旁王宅", b"<x:xmpmeta>Secret-Hand</x:xmpmeta>"
SECRETS = (
    CAMERA.encode(),
    NOTE.encode(),
    NOTE.encode("utf-16-le"),
    b"Secret-Hand",
    b"2026:11:20",
    b"Exif",
    b"TAIL",
)
MOST = 1_000_000


def exif(orientation: int = 1) -> bytes:
    made = Image.Exif()
    made[0x0112], made[0x010F], made[0x0132] = orientation, CAMERA, "2026:11:20 08:00:00"
    made[0x9C9C] = NOTE.encode("utf-16-le")
    made.get_ifd(0x8825).update({1: "N", 2: (25.0, 51.0, 4.3), 3: "E", 4: (114.0, 56.0, 0.0)})
    return made.tobytes()


def corners(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red above left, blue elsewhere: which way up it is can be seen."""
    made = Image.new("RGB", size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    return made


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def photo(orientation: int = 1) -> bytes:
    more = {"exif": exif(orientation), "comment": NOTE.encode(), "xmp": XMP, "quality": 90}
    return saved(corners(), "JPEG", **more) + b"TAIL behind the end"


def screenshot() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", CAMERA)
    text.add_itxt("Description", NOTE, zip=True)
    text.add_text("XML:com.adobe.xmp", XMP.decode())
    return saved(corners(), "PNG", pnginfo=text, exif=exif()) + b"TAIL behind the end"


def opened(data: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(data))
    made.load()
    return made


@pytest.mark.parametrize(("kind", "data"), [("jpg", photo()), ("png", screenshot())])
def test_what_a_camera_or_program_wrote_is_gone(kind: str, data: bytes) -> None:
    before = opened(data)
    assert before.getexif()[0x010F] == CAMERA
    assert before.getexif().get_ifd(0x8825)
    kept = without_metadata("现场", kind, data, MOST)
    assert [one for one in SECRETS if one in kept] == []
    after = opened(kept)
    assert dict(after.getexif()) == {}
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert getattr(after, "text", {}) == {}
    assert (after.format, after.size, after.mode) == (before.format, before.size, before.mode)
    assert without_metadata("现场", kind, data, MOST) == kept  # the same photo twice is one file


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (64, 32), (5, 5)),
        (3, (64, 32), (60, 28)),
        (6, (32, 64), (28, 5)),
        (8, (32, 64), (5, 60)),
        (2, (64, 32), (60, 5)),
    ],
)
def test_a_photo_stays_the_right_way_up(orientation: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    after = opened(without_metadata("现场", "jpg", photo(orientation), MOST))
    assert after.size == size
    assert [(x, y) for x in (5, size[0] - 4) for y in (5, size[1] - 4) if _red(after, (x, y))] == [red]


def _red(picture: Image.Image, at: tuple[int, int]) -> bool:
    red, _, blue = picture.convert("RGB").getpixel(at)  # type: ignore[misc]
    return bool(red > 180 and blue < 80)


def test_a_jpeg_keeps_its_tables_and_hardly_loses() -> None:
    noise = Image.effect_noise((200, 120), 60).convert("RGB")
    data = saved(noise, "JPEG", quality=83, subsampling=1, progressive=True)
    kept = without_metadata("现场", "jpg", data, MOST)
    before, after = opened(data), opened(kept)
    assert after.quantization == before.quantization  # type: ignore[attr-defined]
    assert after.info["progressive"] == 1
    assert len(kept) < len(data) * 1.05
    worst = max(abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True))
    assert worst < 40
    assert sum(abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True)) / len(before.tobytes()) < 3


def test_a_jpeg_larger_than_photos_are_is_kept_too() -> None:
    noise = Image.frombytes("RGB", (300, 200), Random(7).randbytes(180_000))
    data = saved(noise, "JPEG", quality=100, subsampling=0)
    assert len(data) > 2 * 300 * 200
    assert opened(without_metadata("现场", "jpg", data, MOST)).size == (300, 200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_keeps_its_pixels(mode: str) -> None:
    before = Image.new("I;16", (9, 7), 40_000) if mode == "I;16" else corners((9, 7)).convert(mode)
    after = opened(without_metadata("图", "png", saved(before, "PNG"), MOST))
    assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


def test_a_transparent_colour_of_a_palette_stays() -> None:
    data = saved(corners((9, 7)).convert("P"), "PNG", transparency=0)
    assert opened(without_metadata("图", "png", data, MOST)).info["transparency"] == opened(data).info["transparency"]


def test_colours_of_a_profile_are_worked_in_and_the_profile_goes() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    usable = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for one in (usable, profile, b"no profile at all"):
        after = opened(without_metadata("现场", "jpg", saved(corners(), "JPEG", icc_profile=one), MOST))
        assert "icc_profile" not in after.info
        assert _red(after, (5, 5))
    printed = saved(corners().convert("CMYK"), "JPEG", icc_profile=usable)
    assert opened(without_metadata("现场", "jpg", printed, MOST)).size == (64, 32)


def test_only_the_first_of_a_phones_two_pictures_is_kept() -> None:
    preview = Image.new("RGB", (64, 32), "green")
    data = saved(corners(), "MPO", save_all=True, append_images=[preview], exif=exif())
    assert opened(data).n_frames == 2  # type: ignore[attr-defined]
    kept = without_metadata("现场", "jpg", data, MOST)
    assert kept.count(b"\xff\xd8\xff") == 1
    assert opened(kept).format == "JPEG"
    assert _red(opened(kept), (5, 5))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than anybody has memory for."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def inflated_text() -> bytes:
    """A PNG with a text of 100 MB packed into 100 kB."""
    body = b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)
    plain = saved(corners(), "PNG")
    return plain[:33] + chunk(b"zTXt", body) + plain[33:]


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("jpg", photo()[:200], "打不开"),
        ("jpg", saved(Image.effect_noise((90, 90), 50), "JPEG")[:-400], "打不开"),
        ("jpg", b"\xff\xd8\xff\xe0rest", "打不开"),
        ("jpg", b"\xff\xd8\xff" + saved(corners(), "PNG"), "打不开"),
        ("png", b"\x89PNG\r\n\x1a\n" + b"picture" * 20, "打不开"),
        ("png", saved(Image.effect_noise((90, 90), 50), "PNG")[:-900], "打不开"),
        ("png", saved(corners(), "PNG").replace(b"IDAT", b"IDAX"), "打不开"),
        ("png", bomb(1001, 1000), "超过1百万像素"),
        ("png", bomb(12_000, 12_000), "超过1百万像素"),  # Pillow warns
        ("png", bomb(60_000, 60_000), "超过1百万像素"),  # Pillow refuses
        ("png", bomb(900, 900), "打不开"),
        ("png", inflated_text(), "打不开"),
        ("png", saved(corners(), "PNG", save_all=True, append_images=[Image.new("RGB", (64, 32))]), "动图"),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_whole_is_refused_by_name(kind: str, data: bytes, says: str) -> None:
    with pytest.raises(InvalidItem) as refused:
        without_metadata("现场", kind, data, MOST)
    [error] = refused.value.errors
    assert (error.field, "“现场”" in error.message_zh, says in error.message_zh) == ("files", True, True)


def test_a_broken_exif_costs_nothing() -> None:
    data = photo(6).replace(b"Exif\0\0MM", b"Exif\0\0XX").replace(b"Exif\0\0II", b"Exif\0\0XX")
    assert [one for one in SECRETS if one in without_metadata("现场", "jpg", data, MOST)] == []


def test_the_store_keeps_the_clean_picture_and_nothing_of_a_refused_one(address: Path | str, tmp_path: Path) -> None:
    store = Attachments(Database(address), AttachmentRules(tmp_path / "files", most_pixels=10_000))
    held = store.keep("现场.jpg", photo(6), "liu")
    [file] = [one for one in store.rules.folder.rglob("*") if one.is_file()]
    data = file.read_bytes()
    assert (held.attachment.sha256, held.attachment.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert [one for one in SECRETS if one in data] == []
    with pytest.raises(InvalidItem):
        store.keep("坏.jpg", photo()[:200], "liu")
    with pytest.raises(InvalidItem, match="million pixels"):
        store.keep("大.png", saved(corners((101, 100)), "PNG"), "liu")
    assert [one for one in store.rules.folder.rglob("*") if one.is_file()] == [file]
    assert store.held([held.id], "liu") == [held]


def test_the_form_says_what_happens_and_refuses_what_is_no_picture(desk: Harness) -> None:
    client: TestClient = desk.client
    client.post("/login", data={"key": KEY})
    assert "拍摄时间、位置等信息" in client.get("/report").text
    given = {"source": "U028", "title": "巡查", "text": "今日上午，我局对章江堤防开展巡查，未发现异常。"}
    refused = client.post("/report", data=given, files=[("files", ("现场.jpg", photo()[:200]))])
    assert (refused.status_code, "“现场”打不开：图片已损坏或不完整" in refused.text) == (422, True)
    assert client.post("/report", data=given, files=[("files", ("现场.jpg", photo()))]).status_code == 200
    [listed] = desk.sink.parcels[0].item.attachments or ()
    folder = client.app.state.desk.attachments  # type: ignore[attr-defined]
    assert [one for one in SECRETS if one in folder.path(listed.sha256).read_bytes()] == []
