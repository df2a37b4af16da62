"""The list narrowed to what is open."""

from dataclasses import replace

import pytest

from posrefund import language
from posrefund.refund.model import RefundState
from tests.support.builders import a_sent_refund, an_entry
from tests.tui.fakes import running
from tests.tui.screens import prepared


@pytest.mark.parametrize(("code", "word"), [("eng", "open"), ("deu", "offen"), ("fra", "ouvert")])
async def test_open_means_what_the_counter_calls_open(code, word):
    counter = prepared()
    contradicted = replace(
        a_sent_refund(RefundState.SUCCEEDED, id="CONTRADICT"),
        alarm="CCV now says failed, after it said success.",
        original_reference="CONTRADICTED",
    )
    counter.journal.open_case(contradicted, an_entry())
    language.use(code)
    try:
        async with running(counter):
            await counter.press("f3")
            await counter.until_on("HistoryScreen")
            await counter.type(word)
            await counter.until(lambda: len(_shown(counter)) == 3)
            assert {one.id for one in _shown(counter)} == {"REFUND3AAA", "REFUND4AAA", "CONTRADICT"}
            await counter.type(" 45.00")
            await counter.until(lambda: [one.id for one in _shown(counter)] == ["REFUND3AAA"])
            await counter.type(" desk 3 nothing")
            await counter.until(lambda: not _shown(counter))
    finally:
        language.use(language.SOURCE)


def _shown(counter):
    return counter.app.screen._shown
