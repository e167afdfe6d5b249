"""Phones that only fill a field, told alike by Python and by the engine."""

from __future__ import annotations

import ibis
import pytest

from joren.engine import connect
from joren.phones import filler_digits, is_filler

WRITTEN = {
    "000-0000-0000": True,
    "０９０－００００－００００": True,
    "090-1234-5678": True,
    "0901234567": True,
    "99999999": True,
    "56789012": True,
    "090-1111-0001": False,
    "090-1111-2222": False,
    "03-8765-4321": False,
    "": False,
    "なし": False,
}


@pytest.mark.parametrize(("written", "filler"), WRITTEN.items())
def test_a_filler_repeats_one_digit_or_runs_upwards_at_its_end(written, filler):
    assert is_filler(written) is filler


def test_the_engine_says_the_same_of_digits_alone():
    digits = [text for text in WRITTEN if text.isascii() and text.replace("-", "").isdigit()]
    digits = [text.replace("-", "") for text in digits] + ["", "0", "7", "12", "21", "8901234567"]
    table = connect().create_table("phones", ibis.memtable({"digits": digits}), temp=True)
    told = table.mutate(filler=filler_digits(table.digits)).to_pyarrow().to_pylist()
    assert len(told) == len(digits)
    assert [row["filler"] for row in told] == [is_filler(row["digits"]) for row in told]
    assert {row["filler"] for row in told} == {True, False}
