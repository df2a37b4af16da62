"""How every screen looks: as text, in its colours, and at its edges.

The pictures are in `snapshots/`. After a change that was meant, look at it and write them anew:
`POSREFUND_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_looks.py`.
"""

import os
from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets._footer import FooterKey

from posrefund.refund.model import ProviderStatus
from posrefund.tui.themes import DARK, LIGHT
from posrefund.tui.widgets.slip_paper import SlipPaper
from tests.support.builders import a_payment, a_provider_refund, eur
from tests.tui.fakes import Counter, running, screen_text
from tests.tui.screens import EVERY, prepared

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATING = bool(os.environ.get("POSREFUND_UPDATE_SNAPSHOTS"))
READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3."""
DRAWN = frozenset({" ", "\u00a0", *map(chr, range(0x2580, 0x25A0))})
"""Frames, bars and scrollbars: seen, not read."""


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("size", "folder"), [((80, 24), "80x24"), ((120, 40), "120x40")])
async def test_the_screen_looks_as_in_its_picture(name, size, folder):
    counter = prepared()
    async with running(counter, size=size):
        await EVERY[name](counter)
        await _settled(counter)
        shown = screen_text(counter.app) + "\n"
    picture = SNAPSHOTS / folder / f"{name}.txt"
    if UPDATING:
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(shown, encoding="utf-8")
    assert shown == picture.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EVERY)
async def test_everything_on_the_screen_can_be_read(name):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        await _settled(counter)
        assert _cut_keys(counter) == []
        for theme in (DARK, LIGHT):
            counter.app.theme = theme.name
            await counter.pilot.pause(0.1)
            assert _pale(counter) == []


@pytest.mark.parametrize("mode", ["PRACTICE", "TEST", "LIVE"])
async def test_the_mode_stands_on_the_screen_and_in_the_question(mode):
    counter = prepared(mode=mode)
    async with running(counter):
        await EVERY["counter"](counter)
        assert screen_text(counter.app).startswith(f" {mode} ")
        assert _pale(counter) == []
        await EVERY["confirm"](counter)
        assert counter.says(f"{mode} \u2014")
        assert _pale(counter) == []


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
async def test_news_of_a_refund_nobody_looks_at_can_be_read(theme):
    counter = prepared(theme=theme)
    async with running(counter):
        await EVERY["progress"](counter)
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        counter.bank.decide("TR2", ProviderStatus.SUCCESS)
        (refund,) = counter.journal.latest(limit=1)
        await counter.news(refund)
        await counter.until_says("EUR 29.95 was given back.")
        assert _pale(counter) == []


async def test_both_answers_can_be_seen_however_much_there_is_to_doubt():
    reference = "T" * 255
    counter = prepared()
    counter.bank.payments[reference] = a_payment(reference=reference, order_reference="5005")
    for name in ("TR5", "TR6"):
        counter.bank.ledger[name] = a_provider_refund(
            reference=name,
            original_reference=reference,
            status=ProviderStatus.SUCCESS,
            amount=eur("25.00") if name == "TR5" else eur("2.00"),
        )
    async with running(counter):
        await counter.find("5005")
        await counter.type("25")
        await counter.press("enter")
        await counter.until_on("ConfirmScreen")
        assert counter.says("above the EUR 22.90 that is left")
        assert counter.says("CCV lists a refund of EUR 25.00")
        assert counter.says("No, go back")
        assert counter.says("Yes, give it back")


async def test_every_size_of_window_is_survived():
    counter = prepared()
    async with running(counter):
        await EVERY["progress"](counter)
        for size in [(1, 1), (20, 5), (500, 200), (80, 24)]:
            await counter.pilot.resize_terminal(*size)
            await counter.pilot.pause()
        assert counter.says("AT CCV".replace("", " "))


async def _settled(counter: Counter) -> None:
    """Let toasts, timers of the footer and workers come to rest."""
    await counter.until(lambda: not list(counter.app.workers))
    counter.app.clear_notifications()
    await counter.until(lambda: counter.app.screen.query("FooterKey") or _has_no_keys(counter))
    papers = counter.app.screen.query(SlipPaper)
    await counter.until(lambda: all(str(paper.content) for paper in papers))
    await counter.pilot.pause(0.1)


def _has_no_keys(counter: Counter) -> bool:
    return not counter.app.screen.query("Footer")


def _cut_keys(counter: Counter) -> list[str]:
    """The keys of the footer beyond the edge of the screen."""
    width = counter.app.size.width
    keys = counter.app.screen.query(FooterKey)
    return [key.description for key in keys if key.region.right > width]


def _pale(counter: Counter) -> list[str]:
    """The texts, in front of the backgrounds, that cannot be read well."""
    pale: list[str] = []
    # What lies behind a dialog is dimmed because it is not to be read.
    behind = counter.app.screen.is_modal
    for y, strip in enumerate(counter.app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            text, style = segment.text, segment.style
            start, x = x, x + segment.cell_length
            if not set(text) - DRAWN or (behind and not _on_top(counter, start, y)):
                continue
            fore, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if style.reverse:
                fore, back = back, fore
            if style.dim or _contrast(fore, back) < READABLE:
                pale.append(f"{text!r} {fore.hex} on {back.hex} {_contrast(fore, back):.1f}")
    return pale


def _on_top(counter: Counter, x: int, y: int) -> bool:
    widget, _ = counter.app.screen.get_widget_at(x, y)
    return widget is not counter.app.screen


def _contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
