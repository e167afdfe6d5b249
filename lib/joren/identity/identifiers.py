"""Which identifiers tell people apart, and which are everybody's.

A phone carried by more than k distinct names is the shop's, the switchboard's or a filler; it
never counts as evidence. A family's shared phone has many given names but one family name, and
stays: the rules ask for the given name anyway.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

KINDS = ("phone", "email", "card", "line")
MOST_RECORDS = 30
FAMILY_SIZE = 8
_FEWEST_FILLERS = 20


def profile_identifiers(records: ir.Table, generic_names: int) -> ir.Table:
    """How many records and names carry each identifier, and whether it is generic.

    Parameters
    ----------
    records : the table of `keyed_records`
    generic_names : more distinct names than this make an identifier generic

    Returns
    -------
    kind, value (clear: never to leave the step), records, names, family_names, generic
    """
    profiles = [_profile(records, kind, generic_names) for kind in KINDS]
    return ibis.union(*profiles)


def without_generic(records: ir.Table, profile: ir.Table) -> ir.Table:
    """The records with generic identifiers and filler birth dates set to null."""
    joined, kept = records, {}
    for kind in KINDS:
        generic = profile.filter(profile.kind == kind, profile.generic)
        generic = generic.select(**{f"{kind}_generic": "value"})
        joined = joined.left_join(generic, records[kind] == generic[f"{kind}_generic"])
    filler = _filler_birth_dates(records)
    joined = joined.left_join(filler, records.birth_date == filler.filler)
    for kind in KINDS:
        kept[kind] = ibis.ifelse(joined[f"{kind}_generic"].isnull(), joined[kind], None)
    kept["birth_date"] = ibis.ifelse(joined.filler.isnull(), joined.birth_date, None)
    others = [column for column in records.columns if column not in kept]
    return joined.select(*others, **kept)


def _profile(records: ir.Table, kind: str, generic_names: int) -> ir.Table:
    known = records.filter(records[kind].notnull())
    counted = known.group_by(value=known[kind]).agg(
        records=known.count(),
        # one person's name in kanji here and in kana there is one name
        names=ibis.greatest(known.name.nunique(), known.sound.nunique()),
        family_names=ibis.greatest(known.family.nunique(), known.family_sound.nunique()),
    )
    one_family = (counted.family_names <= 1) & (counted.names <= FAMILY_SIZE)
    too_many = ((counted.names > generic_names) & ~one_family) | (counted.records > MOST_RECORDS)
    return counted.mutate(kind=ibis.literal(kind), generic=too_many).select(
        "kind", "value", "records", "names", "family_names", "generic"
    )


def _filler_birth_dates(records: ir.Table) -> ir.Table:
    # 1900-01-01, 1970-01-01: far more records than the average date has
    dated = records.filter(records.birth_date.notnull())
    dates = dated.group_by(filler="birth_date").agg(people=dated.count())
    often = ibis.greatest(_FEWEST_FILLERS, 10 * dates.people.mean().over())
    return dates.filter(dates.people > often).select("filler")
