"""Faults of the bytes: an answer cut anywhere, JSON that is none, heads and bodies without end."""

import gzip
import resource
import socket
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.campaign.faults_door import CarryOut, Door, Spoil
from tests.campaign.faults_line import Line, Stall, follow, send, tell, whole_story
from tests.campaign.faults_scripted import ACCEPTED, ADOPTED, IN_TIME

FRAMINGS = ("length", "chunked", "close")


def framed(answer: bytes, framing: str) -> bytes:
    """The same answer with another way of telling where it ends."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    if framing == "length":
        return answer
    if framing == "close":
        return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body
    chunks = [body[at : at + 200] for at in range(0, len(body), 200)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return (
        b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n" + coded + b"0\r\n\r\n"
    )


def with_body(answer: bytes, body: bytes, *, more: Sequence[bytes] = ()) -> bytes:
    """The same answer saying something else, with more headers."""
    head = answer.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    lines += [b"Content-Length: %d" % len(body), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def says(change: Callable[[bytes], bytes]) -> Spoil:
    """Carry the refund out and answer with changed bytes."""

    def spoil(connection: socket.socket, carry_out: CarryOut) -> bool:
        connection.sendall(change(carry_out()))
        return True

    return spoil


# -- cut anywhere -------------------------------------------------------------------------------


def _cut(framing: str, every: int, line: Line, folder: Path) -> str:
    """Cut a good answer at every n-th byte; a proper part of one is never believed."""
    believed: list[int] = []
    wrong: list[str] = []
    with Stall(folder, through=Door) as shop:
        places = range(0, _size_of_an_answer(shop, framing), every)
        for at in places:
            sent, final = _one_cut(shop, framing, at)
            if sent != "unknown":
                believed.append(at)
            if final != "succeeded":
                wrong.append(f"cut at {at} it ends as {final}")
        wrong += shop.verdict()
        counts = {len(shop.ledger()), len(shop.posts())}
    once = "once each" if counts == {len(places) + 1} else f"{counts} times of {len(places)}"
    return ", ".join([f"believed {believed or 'none'}", f"paid {once}", *wrong[:5]])


def _one_cut(shop: Stall, framing: str, at: int) -> tuple[str, str]:
    # Names of one length, so that all answers have one length.
    name = f"CUT{at:05}"
    shop.sell(name, 1000)
    shop.door.spoil_posts(partial(_say_the_first, framing, at))
    refund, sent = send(shop, text=name)
    return sent, str(follow(shop, refund).state)


def _size_of_an_answer(shop: Stall, framing: str) -> int:
    shop.sell("CUTwhole", 1000)
    sizes: list[int] = []
    shop.door.spoil_posts(_measures(sizes, framing))
    follow(shop, send(shop, text="CUTwhole")[0])
    return sizes[0]


def _measures(sizes: list[int], framing: str) -> Spoil:
    def measure(answer: bytes) -> bytes:
        sizes.append(len(framed(answer, framing)))
        return answer

    return says(measure)


def _cut_when_asked(is_known: bool, framing: str, every: int, line: Line, folder: Path) -> str:
    """Cut what a question is answered: a part of a list is no list, least of all an empty one."""
    with Stall(folder, through=Door) as shop:
        (finding,) = shop.service.find("1001")
        if not is_known:
            shop.door.spoil_posts(_carries_out_and_hangs_up)
        refund, sent = send(shop, finding=finding)
        # By now CCV has decided, and a lost refund could be sent again.
        shop.clock.wait(60)
        sizes: list[int] = []
        shop.door.spoil = _measures(sizes, framing)
        if is_known:
            shop.provider.status(refund)
        else:
            shop.provider.given_back([refund.original_reference])
        met = set()
        for at in range(0, sizes[0], every):
            shop.door.spoil = partial(_say_the_first, framing, at)
            met.add(str(shop.service.check_quietly(refund).state))
        shop.door.spoil = None
        final = str(follow(shop, refund).state)
        return tell(line, shop, f"{sent} > {', '.join(sorted(met))}", final)


def _carries_out_and_hangs_up(_connection: socket.socket, carry_out: CarryOut) -> bool:
    carry_out()
    return False


def _say_the_first(framing: str, at: int, connection: socket.socket, carry_out: CarryOut) -> bool:
    connection.sendall(framed(carry_out(), framing)[:at])
    return False


def cuts(*, every: int = 1) -> list[Line]:
    """The lines of the cut answers; in a short form only every n-th byte."""
    lines: list[Line] = []
    for framing in FRAMINGS:
        number = "F08" if framing == "close" else "F07/F09"
        told = f"end told by {framing}"
        lines += [
            Line(
                number=number,
                fault=f"cut at every byte, {told}",
                expected="believed none, paid once each",
                play=partial(_cut, framing, every),
            ),
            Line(
                number=number,
                fault=f"a status cut at every byte, {told}",
                expected="accepted > accepted > succeeded, ledger 1, posts 1",
                play=partial(_cut_when_asked, True, framing, every),
            ),
            Line(
                number=number,
                fault=f"a list cut at every byte, {told}",
                expected="unknown > unknown > succeeded, ledger 1, posts 1",
                play=partial(_cut_when_asked, False, framing, every),
            ),
        ]
    return lines


# -- other bytes --------------------------------------------------------------------------------


def _spoilt(spoil: Spoil, line: Line, folder: Path) -> str:
    with Stall(folder, through=Door) as shop:
        (finding,) = shop.service.find("1001")
        shop.door.spoil_posts(spoil)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seen = whole_story(line, shop, finding=finding)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return seen if grown < 20 * 1024 else f"{seen}, grown by {grown // 1024} MiB"


def changed(number: str, fault: str, change: Callable[[bytes], bytes], expected=ADOPTED) -> Line:
    """A line whose answer has other bytes than the bank's."""
    return Line(number=number, fault=fault, expected=expected, play=partial(_spoilt, says(change)))


def _body(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda answer: with_body(answer, change(answer.partition(b"\r\n\r\n")[2]))


def _first(more: bytes) -> Callable[[bytes], bytes]:
    return _body(lambda body: body.replace(b"{", b"{" + more, 1))


def _pours(first: bytes, again: bytes) -> Spoil:
    def spoil(connection: socket.socket, carry_out: CarryOut) -> bool:
        carry_out()
        connection.sendall(first)
        while True:
            connection.sendall(again)

    return spoil


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_WRONG_KINDS = (b"[]", b"null", b'"success"', b"1", b"{}", b"[{}]", b"true", b"")
_TWICE = (b'"status":"failed",', b'"reference":"T1",', b'"amount":5,', b'"type":"refund",')


def _pour(number: str, fault: str, first: bytes, again: bytes) -> Line:
    play = partial(_spoilt, _pours(first, again))
    return Line(number=number, fault=fault, expected=ADOPTED + IN_TIME, play=play)


def _coded(coding: str, code: Callable[[bytes], bytes]) -> Line:
    """A good answer in a coding nobody asked for."""

    def change(answer: bytes) -> bytes:
        body = code(answer.partition(b"\r\n\r\n")[2])
        return with_body(answer, body, more=[b"Content-Encoding: " + coding.encode()])

    return changed("F42", f"a good answer in {coding}", change)


def _bomb(_answer: bytes) -> bytes:
    """128 MiB of blanks in a few kilobytes, made without ever holding them."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 2**20) for _ in range(128)) + packer.flush()


BYTES: list[Line] = [
    *(
        changed("F26", f"200 with {kind.decode() or 'nothing'}", _body(lambda _, kind=kind: kind))
        for kind in _WRONG_KINDS
    ),
    changed("F26", "200 with the refund in a list", _body(lambda body: b"[" + body + b"]")),
    changed("F27", "byte order mark", _body(lambda body: b"\xef\xbb\xbf" + body)),
    changed("F27", "UTF-16", _body(lambda body: body.decode().encode("utf-16"))),
    changed("F27", "not UTF-8", _first(b'"x":"\xff\xfe",')),
    changed("F27", "half a surrogate pair", _first(b'"x":"\\ud800",')),
    changed("F27", "NaN", _first(b'"x":NaN,')),
    changed("F27", "Infinity", _first(b'"x":-Infinity,')),
    changed("F27", "10^400 as digits", _first(b'"x":1' + b"0" * 400 + b",")),
    changed("F27", "1e400", _first(b'"amount":1e400,"x":'), ADOPTED),
    changed("F27", "an integer of 5,000 digits", _first(b'"x":' + b"9" * 5000 + b",")),
    changed("F27", "nested 100,000 deep", _first(b'"x":' + b"[" * 100_000 + b"]" * 100_000 + b",")),
    changed("F27", "trailing text", _body(lambda body: body + b" ok")),
    changed("F27", "two objects", _body(lambda body: body + body)),
    changed("F27", "a comma at the end", _body(lambda body: body[:-1] + b",}")),
    changed("F27", "single quotes", _body(lambda body: body.replace(b'"', b"'"))),
    *(changed("F28", f"twice {more.decode()}", _first(more)) for more in _TWICE),
    changed(
        "F33",
        "junk behind the answer",
        lambda answer: answer + b"junk",
        ACCEPTED,
    ),
    changed(
        "F33",
        "an interim answer before",
        lambda answer: b"HTTP/1.1 102 Processing\r\n\r\n" + answer,
        ACCEPTED,
    ),
    changed(
        "F42",
        "10,000 headers",
        lambda answer: with_body(answer, b"{}", more=[b"X-%d: y" % n for n in range(10_000)]),
    ),
    changed(
        "F42",
        "a header of 1 MiB",
        lambda answer: with_body(answer, b"{}", more=[b"X: " + b"y" * 2**20]),
    ),
    changed(
        "F42",
        "said to be gzip",
        lambda answer: with_body(answer, b"\x1f\x8b", more=[b"Content-Encoding: gzip"]),
    ),
    _coded("gzip", gzip.compress),
    _coded("deflate", zlib.compress),
    _coded("br", lambda body: body),
    changed(
        "F42",
        "a gzip bomb",
        lambda answer: with_body(answer, _bomb(answer), more=[b"Content-Encoding: gzip"]),
    ),
    changed("F42", "a gzip bomb that is not said to be one", _body(_bomb)),
    changed(
        "F42",
        "two lengths",
        lambda answer: answer.replace(b"\r\n", b"\r\nContent-Length: 1\r\n", 1),
    ),
    changed(
        "F42",
        "a negative length",
        lambda answer: with_body(answer, b"{}").replace(b"Length: 2", b"Length: -2"),
    ),
    changed("F42", "not HTTP", lambda answer: b"SSH-2.0-OpenSSH_9.2\r\n"),
    changed("F42", "HTTP/0.9", lambda answer: answer.partition(b"\r\n\r\n")[2]),
    _pour("F42", "a body without end", _HEAD + b"Content-Length: 1073741824\r\n\r\n", b" " * 65536),
    _pour("F42", "chunks without end", _CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"),
    _pour("F42", "chunks of one byte without end", _CHUNKED, b"1\r\n \r\n" * 1000),
    _pour("F42", "headers without end", _HEAD, b"X-Y: z\r\n" * 1000),
    _pour("F42", "interim answers without end", b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
]
