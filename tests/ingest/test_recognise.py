from __future__ import annotations

import subprocess
import sys

import pytest

from joren.ingest.kinds import Format, Kind
from joren.ingest.recognise import LEAST_SCORE, load_formats, recognise, refuse

KIND = Kind(
    "orders",
    "受注",
    ("注文番号", "送料", "明細区分（1：通常）", "送料", "電話番号１", "合計"),
    ("注文番号", "合計"),
    aliases={"合計": ("総額",)},
    prefixes=("明細区分",),
)
OTHER = Kind("orders_old", "旧受注", ("注文番号", "合計"), ("注文番号", "合計"))
FORMAT = Format("toy", "玩具店", (KIND, OTHER))


def test_headers_match_by_name_whatever_their_width_case_place_and_punctuation():
    found = recognise(["電話番号1", "明細区分 (1:通常,2:返品)", "総額", "注文 番号"], [FORMAT])
    assert found.kind is KIND
    assert found.positions == {
        ("電話番号１", 1): 0,
        ("明細区分（1：通常）", 1): 1,
        ("明細区分", 1): 1,
        ("合計", 1): 2,
        ("注文番号", 1): 3,
    }
    assert (found.score, found.unknown, found.missing) == (1.0, (), ("送料", "送料"))


def test_a_header_that_stands_there_twice_is_told_apart_by_its_occurrence():
    found = recognise(["送料", "注文番号", "送料", "合計", "送料"], [FORMAT])
    assert (found.positions["送料", 1], found.positions["送料", 2]) == (0, 2)
    assert found.unknown == ("送料",)


def test_the_name_itself_goes_before_its_alias():
    found = recognise(["総額", "注文番号", "合計"], [FORMAT])
    assert found.positions["合計", 1] == 2
    assert found.unknown == ("総額",)


def test_of_two_kinds_that_explain_the_same_the_smaller_one_is_meant():
    assert recognise(["注文番号", "合計"], [FORMAT]).kind is OTHER
    assert recognise(["注文番号", "合計", "送料"], [FORMAT]).kind is KIND


def test_a_missing_required_header_is_named_with_the_nearest():
    found = recognise(["注文番号", "送料", "合計金額"], [FORMAT])
    assert (found.score, found.lacking) == (0.0, ("合計",))
    error = str(refuse(found, ["注文番号", "送料", "合計金額"], "a.csv"))
    assert "needs '合計' (nearest header: '合計金額') (a.csv)" in error
    assert "`joren new CLIENT --from a.csv`" in error


def test_a_file_of_mostly_unknown_headers_is_not_trusted():
    header = ["注文番号", "合計", "a", "b", "c"]
    found = recognise(header, [FORMAT])
    assert found.score == pytest.approx(0.4)
    assert found.score < LEAST_SCORE
    assert not found.trusted
    assert "knows 40% of its headers, and 50% are needed" in str(refuse(found, header, "a.csv"))


@pytest.mark.parametrize("format", load_formats(), ids=lambda one: one.name)
def test_every_kind_is_recognised_by_its_own_headers_among_all(format):
    for kind in format.kinds:
        found = recognise(kind.headers, load_formats())
        assert (found.format.name, found.kind.name, found.score) == (format.name, kind.name, 1.0)


@pytest.mark.parametrize("format", load_formats(), ids=lambda one: one.name)
def test_every_cell_a_rule_rests_on_is_a_header_of_its_kind(format):
    for kind in format.kinds:
        known = recognise(kind.headers, [format]).positions
        assert {(c.header, c.occurrence) for c in kind.cells()} <= {*known}


def test_formats_are_described_without_the_engine():
    code = (
        "import sys; from joren.ingest.recognise import load_formats; load_formats(); "
        "sys.exit(bool({'duckdb', 'ibis', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
