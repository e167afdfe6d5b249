from __future__ import annotations

import pytest

from joren.errors import InputError
from joren.ingest.places import (
    FILE_SHIFT,
    MOST_FILES,
    MOST_ROWS,
    PART_BITS,
    PARTS_OF_A_RULE,
    check_files,
    check_rows,
    file_start,
)


def _at(unit: int, file: int, row: int, part: int = 0) -> int:
    return file_start(unit, file) + (row << PART_BITS) + part


def test_places_order_by_source_then_file_then_line_then_part():
    last_part, last_row = (1 << PART_BITS) - 1, MOST_ROWS - 1
    places = [
        _at(0, 0, 2), _at(0, 0, 2, last_part), _at(0, 0, 3), _at(0, 0, last_row, last_part),
        _at(0, 1, 2), _at(0, MOST_FILES - 1, last_row, last_part), _at(1, 0, 2),
    ]  # fmt: skip
    assert places == sorted(set(places))


def test_files_of_all_sources_are_told_apart_by_the_upper_part():
    codes = {_at(unit, file, 5, 9) >> FILE_SHIFT for unit in range(3) for file in range(3)}
    assert len(codes) == 9
    assert _at(2, 7, 5) >> FILE_SHIFT == _at(2, 7, 99, 4) >> FILE_SHIFT


def test_a_thousand_sources_still_fit_the_engines_integers():
    assert _at(1000, MOST_FILES - 1, MOST_ROWS - 1, (1 << PART_BITS) - 1) < 2**63


def test_several_rules_of_a_table_have_room_in_one_line():
    assert (1 << PART_BITS) // PARTS_OF_A_RULE >= 16


def test_more_than_can_be_numbered_is_refused():
    check_files(MOST_FILES - 1, "sources.pos")
    check_rows(MOST_ROWS - 1, "a.csv")
    with pytest.raises(InputError, match=r"8,192 files are too many"):
        check_files(MOST_FILES, "sources.pos")
    with pytest.raises(InputError, match=r"(?s)lines are too many.*a\.csv"):
        check_rows(MOST_ROWS, "a.csv")
