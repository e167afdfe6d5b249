"""Pairs of records worth comparing, and how their fields compare."""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.identity.identifiers import KINDS

_BLOCKS = (
    ("phone",), ("email",), ("card",), ("line",),
    ("name", "birth_date"), ("reading", "birth_date"), ("name", "postal"), ("reading", "postal"),
)  # fmt: skip
LARGEST_BLOCK = 60
# given names shorter than this have neighbours at one kana's distance: ミキ, ユキ, マキ
NEAR_FROM_LENGTH = 3
_COMPARED = (
    "name", "family", "given", "sound", "family_sound", "given_sound", "reading",
    "family_reading", "given_reading", "latin", "phone", "email", "card", "line", "postal",
    "address", "birth_date", "gender",
)  # fmt: skip
# how a pair's fields compare, in the order the evidence names them
FIELDS = (*KINDS, "name", "birth_date", "gender", "postal", "address")


def candidate_pairs(con: Backend, records: ir.Table) -> ir.Table:
    """Pairs that share an identifier, or a name with a birth date or postal code.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    records : keyed records; where they have a column `fresh`, one of each pair is

    Returns
    -------
    left, right : record numbers, left < right, each pair once
    """
    records = with_fresh(records)
    found = [_pairs_sharing(records, columns) for columns in _BLOCKS]
    pairs = ibis.union(*found, distinct=True)
    return con.create_table("identity_pairs", pairs, temp=True, overwrite=True)


def compare(con: Backend, pairs: ir.Table, records: ir.Table) -> ir.Table:
    """Each pair with `<field>_is` (same, different, unknown) and how common what it shares is.

    `name_is` is one of same; homograph (written alike, of one family, given names that begin and
    end otherwise: 誠 read マコト and セイ); sound (read alike, written otherwise); reading (kanji
    against kana they are usually read as); given (another family name: marriage); part (one is the
    given name alone); near (one kana apart); different; family (all that one of them tells is the
    other's family name); unclear (another one, or a name not to be split); unknown.

    Returns
    -------
    left, right, one `<field>_is` per `FIELDS`, area_is (first three digits of the postal code),
    carriers (records that bear the shared name), neighbours (share of records in the postal code)
    """
    left = records.select(left="record", **{f"{c}_l": c for c in _COMPARED})
    right = records.select(right="record", **{f"{c}_r": c for c in _COMPARED})
    both = pairs.join(left, "left").join(right, "right")
    both = _with_frequencies(both, records)
    plain = {f"{c}_is": _relation(both, c) for c in FIELDS if c != "name"}
    area = _is(both.postal_l[:3], both.postal_r[:3])
    compared = both.select(
        "left", "right", name_is=_name_relation(both), **plain, area_is=area,
        carriers=ibis.ifelse(_same(both, "name"), both.name_carriers, both.reading_carriers),
        neighbours=both.neighbours,
    )  # fmt: skip
    return con.create_table("identity_compared", compared, temp=True, overwrite=True)


def with_fresh(records: ir.Table) -> ir.Table:
    """The records with `fresh`; all are where nothing is said of it."""
    return records if "fresh" in records.columns else records.mutate(fresh=ibis.literal(True))


def blocks(records: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """record, fresh, the columns and `block`: how many records share the values of them.

    Blocks without a fresh record bring no pair and are left out.
    """
    known = records.filter(*[records[column].notnull() for column in columns])
    touched = known.filter(known.fresh).select(*columns).distinct()
    known = known.semi_join(touched, list(columns)).select("record", "fresh", *columns)
    return known.group_by(list(columns)).mutate(block=known.count())


def pairs_within(blocked: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """left, right: the pairs within each block of which one is fresh."""
    left = blocked.drop("block")
    right = left.view()
    matches = [left[column] == right[column] for column in columns]
    joined = left.join(right, [*matches, left.record < right.record, left.fresh | right.fresh])
    return joined.select(left=joined.record, right=joined.record_right)


def _pairs_sharing(records: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    sized = blocks(records, columns)
    return pairs_within(sized.filter(sized.block <= LARGEST_BLOCK), columns)


def _with_frequencies(both: ir.Table, records: ir.Table) -> ir.Table:
    for column, count in (("name", "name_carriers"), ("reading", "reading_carriers")):
        known = records.filter(records[column].notnull())
        carriers = known.group_by(column).agg(**{count: known.count()})
        both = both.left_join(carriers, both[f"{column}_l"] == carriers[column]).drop(column)
    known = records.filter(records.postal.notnull())
    places = known.group_by("postal").agg(people=known.count())
    total = known.count().as_scalar()
    places = places.select(place="postal", neighbours=places.people / total)
    return both.left_join(places, both.postal_l == places.place).drop("place")


def _same(both: ir.Table, column: str) -> ir.BooleanValue:
    return (both[f"{column}_l"] == both[f"{column}_r"]).fill_null(False)


def _differs(both: ir.Table, column: str) -> ir.BooleanValue:
    return (both[f"{column}_l"] != both[f"{column}_r"]).fill_null(False)


def _is(left: ir.Value, right: ir.Value) -> ir.StringValue:
    return ibis.cases(
        (left.isnull() | right.isnull(), "unknown"), (left == right, "same"), else_="different"
    )


def _relation(both: ir.Table, column: str) -> ir.StringValue:
    return _is(both[f"{column}_l"], both[f"{column}_r"])


def _name_relation(both: ir.Table) -> ir.StringValue:
    one_script = (both.latin_l == both.latin_r).fill_null(False)
    written_differs = _differs(both, "name") & one_script
    given_same = _same(both, "given") | _same(both, "given_sound")
    given_differs = (_differs(both, "given") & one_script) | _differs(both, "given_sound")
    return ibis.cases(
        (_same(both, "name") & _read_otherwise(both), "homograph"),
        (_same(both, "name"), "same"),
        (_same(both, "sound") & written_differs, "sound"),
        (_same(both, "sound"), "same"),
        (_same(both, "reading"), "reading"),
        (given_same, "given"),
        (_one_is_part(both), "part"),
        (given_differs & _sounds_near(both) & ~written_differs, "near"),
        (given_differs, "different"),
        (_one_is_family(both) & (both.family_reading_l == both.family_reading_r), "family"),
        (_one_is_family(both), "unclear"),
        (written_differs | _differs(both, "sound"), "unclear"),
        else_="unknown",
    )


def _read_otherwise(both: ir.Table) -> ir.BooleanValue:
    """Of one family, with given names that share neither their first nor their last kana."""
    left, right = both.given_sound_l, both.given_sound_r
    apart = (left.left(1) != right.left(1)) & (left.right(1) != right.right(1))
    return _same(both, "family_sound") & apart.fill_null(False)


def _sounds_near(both: ir.Table) -> ir.BooleanValue:
    left, right = both.given_sound_l, both.given_sound_r
    long_enough = ibis.least(left.length(), right.length()) >= NEAR_FROM_LENGTH
    return (long_enough & (left.levenshtein(right) <= 1)).fill_null(False)


def _one_is_part(both: ir.Table) -> ir.BooleanValue:
    """A one-word name of a chat account that is the other's given name."""
    found = [
        both[f"{given}_{here}"].isnull()
        & (both[f"{full}_{here}"] == both[f"{given}_{there}"])
        for full, given in (("name", "given"), ("sound", "given_sound"))
        for here, there in (("l", "r"), ("r", "l"))
    ]  # fmt: skip
    return reduce(lambda any_, one: any_ | one, found).fill_null(False)


def _one_is_family(both: ir.Table) -> ir.BooleanValue:
    """Both tell a family name, and one of them no given name."""
    both_tell = both.family_reading_l.notnull() & both.family_reading_r.notnull()
    return both_tell & (both.given_reading_l.isnull() | both.given_reading_r.isnull())
