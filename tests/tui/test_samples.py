"""What there is to try in practice, in the language of now."""

import pytest

from posrefund import language
from posrefund.sandbox.samples import SAMPLES
from posrefund.sandbox.samples_words import SaidSamples, said
from posrefund.tui.widgets.refund_list import RefundList
from tests.tui.fakes import a_counter, running


@pytest.mark.parametrize("code", [code for code in language.LANGUAGES if code != "eng"])
def test_every_sample_says_what_it_shows_in_every_language(code):
    same = [sample.shows for sample in SAMPLES if said(sample.shows, code) == sample.shows]
    assert same == []


def test_every_sample_is_there_and_nothing_else():
    samples = SaidSamples(lambda: "eng")
    assert dict(samples) == {one.reference: one.shows for one in SAMPLES}
    assert len(samples) == len(SAMPLES)
    with pytest.raises(KeyError):
        samples["T9999.Y"]


async def test_what_there_is_to_try_changes_with_the_language():
    try:
        counter = a_counter(mode="PRACTICE", samples=SaidSamples(language.current))
        async with running(counter, size=(120, 40)):
            assert counter.says("fully given back")
            await counter.press("f2")
            await counter.until_says("vollst\u00e4ndig erstattet")
            assert not counter.says("fully given back")
            await counter.press("f2", "f2")
            await counter.until_says("helemaal terugbetaald")
    finally:
        language.use(language.SOURCE)


async def test_what_each_sample_shows_fits_on_a_line_of_80_columns_in_every_language():
    counter = a_counter(mode="PRACTICE", samples=SaidSamples(language.current))
    async with running(counter, size=(80, 24)):
        room = counter.app.screen.query_one(RefundList).scrollable_content_region.width
    assert room > 60
    lines = [
        f"{sample.reference:<7}  {said(sample.shows, code)}"
        for sample in SAMPLES
        for code in language.LANGUAGES
    ]
    assert [line for line in lines if len(line) > room] == []
