"""What the fuzzy model compares."""

import pytest

from joren.identity.comparisons import comparisons
from joren.identity.model_records import FIELDS

EVERY = frozenset(FIELDS)


def levels(name: str, locale: str, dialect: str = "duckdb") -> list[str]:
    (found,) = (c for c in comparisons(frozenset({name}), locale))
    built = found.create_comparison_dict(dialect)
    return [level["sql_condition"] for level in built["comparison_levels"]]


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_only_filled_fields_are_compared(locale):
    names = [c.create_output_column_name() for c in comparisons(EVERY, locale)]
    assert sorted(names) == sorted(FIELDS)
    assert comparisons(frozenset(), locale) == []


def test_the_same_settings_serve_spark():
    for locale in ("ja", "en"):
        for comparison in comparisons(EVERY, locale):
            assert comparison.create_comparison_dict("spark")["comparison_levels"]


def test_a_card_one_digit_off_is_a_slip_only_where_numbers_are_not_given_out_in_sequence():
    assert any("damerau" in sql for sql in levels("card", "en"))
    assert not any("damerau" in sql for sql in levels("card", "ja"))


def test_latin_names_may_stand_in_each_others_place():
    assert any('"given_l" = "family_r"' in sql for sql in levels("given", "en"))
    assert not any('"family_r"' in sql for sql in levels("given", "ja"))
