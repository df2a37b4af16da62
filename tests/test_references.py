"""References: random once, and the short id follows from them."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrefund.errors import Misused
from posrefund.references import mint, short_id


def test_a_reference_is_a_random_uuid_and_never_the_same():
    minted = [mint() for _ in range(1000)]
    assert len(set(minted)) == 1000
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in minted)


def test_the_id_of_a_reference_is_always_the_same():
    assert short_id("00000000-0000-4000-8000-000000000000") == "AAAAAAAAAA"
    assert short_id("ffffffff-ffff-4fff-bfff-ffffffffffff") == "7777777777"
    assert short_id("123e4567-e89b-42d3-a456-426614174000") == "KZBGMFAXIA"


@given(st.uuids(version=4))
def test_an_id_is_ten_characters_nobody_mistypes(reference):
    assert re.fullmatch(r"[A-Z2-7]{10}", short_id(str(reference)))


@given(st.integers(0, 2**50 - 1), st.integers(0, 2**50 - 1))
def test_fifty_random_bits_go_into_the_id(one, other):
    ids = [
        short_id(str(uuid.UUID(int=(0x4 << 76) | (0x8 << 60) | (bits << 6))))
        for bits in (one, other)
    ]
    assert (ids[0] == ids[1]) == (one == other)


@pytest.mark.parametrize("text", ["", "R-42", "123e4567", "123e4567-e89b-42d3-a456-42661417400g"])
def test_what_is_no_reference_has_no_id(text):
    with pytest.raises(Misused):
        short_id(text)
