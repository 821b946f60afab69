"""A multipart body is split at its boundaries, wherever the network cuts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from langchain_respmeta.local.api.splitter import Splitter

BOUNDARY = b"b-1"
MARK = b"\r\n--" + BOUNDARY
DATA = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"--", b"-", b"b-1", b"b-", b"{}", b"\x00\xff", b"\r\n--b-"])
).map(b"".join)


def body(parts: list[bytes]) -> bytes:
    head = b'--%s\r\nContent-Disposition: form-data; name="%d"\r\nContent-Type: text/plain\r\n\r\n'
    return b"".join(head % (BOUNDARY, n) + data + b"\r\n" for n, data in enumerate(parts)) + b"--b-1--\r\n"


def split(chunks: list[bytes]) -> Splitter:
    splitter = Splitter(BOUNDARY)
    for chunk in chunks:
        splitter.write(chunk)
    splitter.finish()
    return splitter


@given(
    st.lists(DATA.filter(lambda data: MARK not in b"\r\n" + data + b"\r\n"), min_size=1, max_size=4),
    st.lists(st.integers(1, 200)),
)
def test_the_parts_are_the_same_wherever_the_body_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    whole = body(parts)
    ends = sorted({min(cut, len(whole)) for cut in cuts} | {len(whole)})
    chunks = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    found = split(chunks).parts
    assert [(part.name, part.mime_type, part.data) for part in found] == [
        (str(n), "text/plain", data) for n, data in enumerate(parts)
    ]


def test_a_line_that_only_begins_like_the_boundary_is_content() -> None:
    data = b"a\r\n--b-1x\r\n--b-1 x\r\n--b-1-\r\nz"
    for chunks in ([body([data])], [bytes([byte]) for byte in body([data])]):
        assert [part.data for part in split(chunks).parts] == [data]


def test_padding_headers_in_any_case_and_quoted_names_are_read() -> None:
    head = b'--b-1  \r\ncontent-DISPOSITION:form-data; filename="f"; name="a\\"b"\r\n\r\nx\r\n--b-1--'
    (part,) = split([head]).parts
    assert (part.name, part.mime_type, part.data) == ('a"b', "application/octet-stream", b"x")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"hello" * 50, 400),
        (b"", 400),
        (b"x\r\n--b-1--", 400),
        (b"--b-1\r\nno end of headers\r\n--b-1--", 400),
        (b"--b-1\r\n\r\nx\r\n--b-1--", 422),
        (b"--b-1\r\nX: y\r\n\r\nx", 400),
    ],
)
def test_what_is_no_body_is_refused(text: bytes, status: int) -> None:
    for chunks in ([text], [text[i : i + 1] for i in range(len(text))]):
        with pytest.raises(HTTPException) as refusal:
            split(chunks)
        assert refusal.value.status_code == status
