"""Media of a conversation: what a browser gets of them, whatever they claim to be."""

import base64
import struct
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from langchain_respmeta.local import LocalServer
from langchain_respmeta.local.page.conversation.raster import MOST_BYTES, decoded, raster_of
from tests.local.seed import run_body, store_runs
from tests.local.shapes import PNG, RESULTS, asked

SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
HTML = "<html><script>alert(1)</script></html>"


def base64_of(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def png(width: int, height: int) -> str:
    return base64_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(9))


JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(10) + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 30, 40) + bytes(12)
)
RASTERS: dict[str, tuple[str, Any]] = {
    "a picture": (PNG, ("image/png", 1, 1)),
    "a GIF": (base64_of(b"GIF89a" + struct.pack("<HH", 20, 10)), ("image/gif", 20, 10)),
    "a JPEG": (base64_of(JPEG), ("image/jpeg", 40, 30)),
    "a lossy WebP": (
        base64_of(b"RIFF....WEBPVP8 " + bytes(10) + struct.pack("<HH", 50, 60)),
        ("image/webp", 50, 60),
    ),
    "a lossless WebP": (
        base64_of(b"RIFF....WEBPVP8L....\x2f" + struct.pack("<I", 49 | 59 << 14)),
        ("image/webp", 50, 60),
    ),
    "an animated WebP": (
        base64_of(b"RIFF....WEBPVP8X" + bytes(8) + b"\x31\0\0\x3b\0\0"),
        ("image/webp", 50, 60),
    ),
    "more pixels than memory": (png(60_000, 60_000), None),
    "no pixels": (png(0, 5), None),
    "a cut picture": (PNG[:12], None),
    "more bytes than are shown": (PNG + "A" * (MOST_BYTES * 4 // 3), None),
    "SVG": (base64_of(SVG), None),
    "HTML": (base64_of(HTML), None),
    "a sound": (base64_of(b"RIFF....WAVEfmt "), None),
    "no base64": ("<script>", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize("name", RASTERS)
def test_a_picture_is_told_by_its_bytes(name: str) -> None:
    data, expected = RASTERS[name]
    found = raster_of(data)
    assert (found and (found.mime, found.width, found.height)) == expected


def test_base64_of_every_kind_is_decoded() -> None:
    raw = bytes(range(256))
    plain = base64.b64encode(raw).decode()
    for text in (
        plain,
        plain.rstrip("="),
        base64.urlsafe_b64encode(raw).decode(),
        base64.encodebytes(raw).decode(),
    ):
        assert decoded(text) == raw
    assert decoded("é") is None
    assert decoded("a") is None


@pytest.fixture(scope="module")
def media() -> Iterator[tuple[LocalServer, str]]:
    """A run whose message has eight media, the last in a tool's result."""
    blocks = [
        {"type": "image", "base64": PNG, "mime_type": "image/svg+xml"},
        {"type": "image", "base64": base64_of(SVG), "mime_type": "image/png"},
        {"type": "image", "base64": base64_of(HTML), "mime_type": "text/html"},
        {
            "type": "file",
            "base64": base64_of("%PDF"),
            "mime_type": "application/pdf",
            "filename": 'a"\r\nX: y.html',
        },
        {"type": "image", "url": "https://example.com/a.png"},
        {"type": "file", "file_id": "file-1"},
        {"type": "audio", "base64": "no base64 <", "mime_type": "audio/wav"},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "base64": PNG}]},
    ]
    with LocalServer() as server:
        run = run_body(inputs=asked(*blocks), outputs={"messages": [RESULTS["OpenAI"]]})
        store_runs(server.store, [run])
        yield server, f"{server.url}/run/{run['id']}"


EXPECTED: dict[int, tuple[int, str, str | None]] = {
    1: (200, "image/png", None),
    2: (200, "application/octet-stream", "png"),
    3: (200, "application/octet-stream", "bin"),
    4: (200, "application/octet-stream", "pdf"),
    5: (404, "text/html; charset=utf-8", None),
    6: (404, "text/html; charset=utf-8", None),
    7: (404, "text/html; charset=utf-8", None),
    8: (200, "image/png", None),
    9: (404, "text/html; charset=utf-8", None),
    0: (404, "text/html; charset=utf-8", None),
}


@pytest.mark.parametrize("number", EXPECTED)
def test_only_pictures_are_shown_and_their_type_is_what_the_bytes_say(
    media: tuple[LocalServer, str], number: int
) -> None:
    answer = httpx.get(f"{media[1]}/media/{number}")
    status, content_type, ending = EXPECTED[number]
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    disposition = answer.headers.get("content-disposition")
    assert (disposition is None) == (ending is None)
    if ending:
        assert disposition.endswith(f'-{number}.{ending}"')
    if status == 200:
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_page_shows_pictures_by_their_address_and_loads_nothing_else(
    media: tuple[LocalServer, str],
) -> None:
    text = httpx.get(media[1]).text
    assert [text.count(f'/media/{number}"') for number in range(1, 9)] == [2, 1, 1, 1, 0, 0, 1, 2]
    assert text.count("<img ") == 3, "two pictures and the brand"
    assert "https://example.com/a.png" in text
    assert 'src="https' not in text
    assert 'href="https://example.com' not in text


def test_media_of_no_run_are_not_found(media: tuple[LocalServer, str]) -> None:
    server, _ = media
    assert httpx.get(f"{server.url}/run/00000000-0000-4000-8000-000000000000/media/1").status_code == 404
    assert httpx.get(f"{server.url}/run/x/media/1").status_code in (404, 422)


def test_attachments_of_a_run_are_on_its_page() -> None:
    run = run_body()
    with LocalServer() as server:
        store_runs(server.store, [run])
        files = {
            f"attachment.{run['id']}.{name}": ("f", data, mime)
            for name, data, mime in (
                ("a.png", base64.b64decode(PNG), "image/png"),
                ("b.svg", SVG.encode(), "image/svg+xml"),
            )
        }
        answer = httpx.post(f"{server.url}/runs/multipart", files=files)
        text = httpx.get(f"{server.url}/run/{run['id']}").text
    assert answer.status_code == 202
    assert f'<img src="/attachments/{run["id"]}/a.png"' in text
    assert f'href="/attachments/{run["id"]}/b.svg"' in text
    assert f'src="/attachments/{run["id"]}/b.svg"' not in text
