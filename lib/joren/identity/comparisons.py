"""What the fuzzy model compares, field by field, from agreement down to disagreement.

Levels are Splink's own creators, so that the same settings run on DuckDB and on Spark.
"""

from __future__ import annotations

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

# Jaro-Winkler similarity of words that are one word mistyped, and of texts that have much in common
ALIKE, MUCH_IN_COMMON = 0.88, 0.75

_READ_ALIKE = (
    "NOT coalesce(left(given_sound_l, 1) <> left(given_sound_r, 1) "
    "AND right(given_sound_l, 1) <> right(given_sound_r, 1), FALSE)"
)


def comparisons(fields: frozenset[str], locale: str) -> list[ComparisonCreator]:
    """Comparisons of the fields that enough records fill.

    Parameters
    ----------
    fields : names of `model_records.FIELDS`
    locale : ja compares names by sound as well, en by likeness and with their parts exchanged
    """
    japanese = locale == "ja"
    built = {
        "given": _japanese_name("given") if japanese else _latin_name("given", "family"),
        "family": _japanese_name("family") if japanese else _latin_name("family", "given"),
        "birth": _levels("birth", cll.ExactMatchLevel("birth"), _typos("birth", 1),
                         _typos("birth", 2)),
        "gender": _levels("gender", cll.ExactMatchLevel("gender")),
        "postal": _levels("postal", cll.ExactMatchLevel("postal"), _typos("postal", 1)),
        "address": _address(),
        "phone": _levels("phone", cll.ExactMatchLevel("phone"), _typos("phone", 1)),
        "email": _levels("email", cll.ExactMatchLevel("email"), cll.ExactMatchLevel("email_local"),
                         cll.JaroWinklerLevel("email", 0.92)),
        # card numbers given out in sequence differ by one digit between members of a family
        "card": _levels("card", cll.ExactMatchLevel("card"),
                        *([] if japanese else [_typos("card", 1)])),
    }  # fmt: skip
    return [comparison for field, comparison in built.items() if field in fields]


def _japanese_name(part: str) -> ComparisonCreator:
    """Written alike or of one sound; kanji whose usual reading is not the kana beside it say less.

    One kanji whose two readings begin and end otherwise (誠: マコト, セイ) is two given names. A
    frequent name is worth less than a rare one: its reading's frequency adjusts the weight.
    """
    reading, sound = f"{part}_reading", f"{part}_sound"
    two_scripts = cll.And(cll.NullLevel(sound), cll.NullLevel(part))
    written_alike = cll.ExactMatchLevel(part)
    if part == "given":
        written_alike = cll.And(written_alike, cll.CustomLevel(_READ_ALIKE))
    same = cll.Or(
        written_alike,
        cll.And(cll.ExactMatchLevel(reading), cll.NullLevel(part)),
    )
    long_enough = cll.CustomLevel(f"length({reading}_l) >= 3 AND length({reading}_r) >= 3")
    return _levels(
        part,
        _weighed_by_frequency(same, reading),
        cll.ExactMatchLevel(reading),
        cll.And(cll.Not(cll.NullLevel(sound)), _typos(reading, 1), long_enough),
        two_scripts.configure(label_for_charts=f"{part}: one reading is a guess"),
        null=reading,
    )


def _latin_name(part: str, other: str) -> ComparisonCreator:
    return _levels(
        part,
        _weighed_by_frequency(cll.ExactMatchLevel(part), part),
        cll.JaroWinklerLevel(part, ALIKE),
        cll.Or(cll.ColumnsReversedLevel(part, other), cll.ColumnsReversedLevel(other, part)),
    )


def _address() -> ComparisonCreator:
    return _levels(
        "address",
        _weighed_by_frequency(cll.ExactMatchLevel("address"), "address"),
        cll.ArrayIntersectLevel("address_words", 3),
        cll.ArrayIntersectLevel("address_words", 2),
        cll.JaroWinklerLevel("address", ALIKE),
        cll.ArrayIntersectLevel("address_words", 1),
        cll.JaroWinklerLevel("address", MUCH_IN_COMMON),
    )


def _levels(
    name: str, *levels: ComparisonLevelCreator, null: str | None = None
) -> ComparisonCreator:
    return cl.CustomComparison(
        [cll.NullLevel(null or name), *levels, cll.ElseLevel()], output_column_name=name
    )


def _typos(column: str, at_most: int) -> ComparisonLevelCreator:
    return cll.DamerauLevenshteinLevel(column, at_most)


def _weighed_by_frequency(level: ComparisonLevelCreator, column: str) -> ComparisonLevelCreator:
    return level.configure(
        tf_adjustment_column=column,
        tf_adjustment_weight=1.0,
        disable_tf_exact_match_detection=True,
    )
