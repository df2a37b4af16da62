"""A whole HTTP answer within bounds, and whether the bytes that came were that and no more."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from posrefund.provider.failures import Unacceptable

MAX_BODY = 256 * 1024
MAX_HEADERS = 32 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `headers` has names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300

    @property
    def is_json(self) -> bool:
        """Whether the server calls it JSON."""
        media_type = self.headers.get("content-type", "").partition(";")[0]
        return media_type.strip().lower() == "application/json"


def whole(response: httpx.Response) -> Answer:
    """Read an answer to its end.

    Raises:
        Unacceptable: If it is too large or compressed; the rest of it is not read.
    """
    if sum(len(name) + len(value) + 4 for name, value in response.headers.raw) > MAX_HEADERS:
        raise Unacceptable("the answer has far too many headers")
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unacceptable("the answer is compressed, which was not asked for")
    body = bytearray()
    for part in response.iter_raw():
        body += part
        if len(body) > MAX_BODY:
            raise Unacceptable("the answer is far too large")
    return Answer(response.status_code, dict(response.headers), bytes(body))


def is_one_message(received: bytes) -> bool:
    """Whether the bytes of an exchange are exactly one answer, to the last byte."""
    head, _, rest = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    if any(line.startswith(b"transfer-encoding:") for line in lines):
        return _ends_with_last_chunk(rest)
    lengths = [line[15:].strip() for line in lines if line.startswith(b"content-length:")]
    return lengths == [b"%d" % len(rest)]


def _ends_with_last_chunk(chunks: bytes) -> bool:
    at = 0
    while (line_end := chunks.find(b"\r\n", at)) >= 0:
        size = re.match(rb"[0-9a-fA-F]{1,8}", chunks[at:line_end])
        if size is None:
            return False
        at = line_end + 2 + int(size[0], 16) + 2
        if int(size[0], 16) == 0:
            return at == len(chunks)
    return False
