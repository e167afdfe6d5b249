"""From the model's weights to probabilities that hold on these records, and where to link.

Three things are estimated from the scored pairs themselves, without labels:

1. How many pairs are matches at all: the prior at which the probabilities add up to it.
2. How many pairs that share a home or a contact are two members of one family. Against them a
   shared address or family name says nothing; given name, birth date and gender must tell.
3. The link threshold: the lowest probability at which the links still hold the precision asked
   for, on average. A fixed one would be wrong on most clients (methods.md, 01, 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis.backends.duckdb import Backend

from joren.identity.model import Scored

_SHARED = ("address", "postal", "phone", "email")
# how often members of one household agree at least: namesakes, twins, one card for two
_TELL_FAMILY_APART = {"given": 0.003, "birth": 0.01, "gender": 0.5, "card": 0.003}
# how often they have another family name: married daughters, couples
_OTHER_FAMILY_NAME = 0.15
# a value that strangers share more often than this is a city, not a home
_HOME_SHARED_BY_CHANCE = 0.005
# before any pair is seen: two of three pairs at one address are one person
_PRIOR_MATCHES, _PRIOR_FAMILY = 2, 1
_BIN = 0.25
_STEPS = 30
_MOST_BITS = 1000.0
# no link is less likely than this, however sure the others are; without rivals nine in ten of the
# pairs from here to 0.85 were right on the Japanese development set and on simulated clients
LOWEST_THRESHOLD = 0.75
# where a rule doubts or contradicts (twins on one phone), the model must be surer to overrule it
OVERRULES_FROM = 0.85


@dataclass(frozen=True)
class Calibrated:
    """pairs: those scored, with match_probability and weight_household (log2, 0 if no family).

    matches: pairs expected to be one person; prior_weight: log2 odds of a random pair. shift and
    family: see `learned.Learned`.
    """

    pairs: ir.Table
    matches: float
    prior_weight: float
    shift: float
    family: float


def calibrate(con: Backend, scored: Scored, records: int) -> Calibrated:
    """Probabilities of the scored pairs.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    scored : the model's pairs
    records : number of source records
    """
    pairs = scored.pairs
    told = scored.learned
    to_family = _matches_to_family(scored) if told is None else told.family
    family = _family_weight(scored, to_family)
    weighed = con.create_table(
        "identity_weighed", pairs.mutate(against_family=family), temp=True, overwrite=True
    )
    shift, matches = (
        _prior_shift(weighed, scored.prior, records) if told is None else (told.shift, 0.0)
    )
    # 1 / odds = 1 / odds against strangers + 1 / odds against family
    strangers = 2.0 ** -(weighed.weight + shift)
    inverse = ibis.ifelse(
        weighed.against_family.isnull(), strangers, strangers + 2.0**-weighed.against_family
    )
    probability = (1 / (1 + inverse)).round(6)
    calibrated = weighed.mutate(
        match_probability=probability,
        weight_household=(-(inverse / strangers).log2()).cast("float32"),
    )
    table = con.create_table("identity_calibrated", calibrated, temp=True, overwrite=True)
    return Calibrated(table, matches, log2(scored.prior) + shift, shift, to_family)


def link_threshold(pairs: ir.Table, ruled: ir.Table, precision: float) -> float:
    """The lowest probability from which all links are right, on average, as often as asked.

    Parameters
    ----------
    pairs : match_probability of pairs no rule links
    ruled : match_probability of those the rules link
    precision : share of links that must be right
    """
    given = ruled.agg(links=ruled.count(), right=ruled.match_probability.sum().fill_null(0))
    given = given.to_pyarrow().to_pylist()[0]
    binned = pairs.filter(pairs.match_probability >= LOWEST_THRESHOLD)
    binned = binned.group_by(at=(binned.match_probability * 1000).floor() / 1000).agg(
        pairs=binned.count(), right=binned.match_probability.sum()
    )
    table = binned.order_by(ibis.desc("at")).to_pyarrow().to_pydict()
    right, seen, threshold = given["right"], given["links"], 1.0
    for at, n, sure in zip(table["at"], table["pairs"], table["right"], strict=True):
        right, seen = right + sure, seen + n
        if right < precision * seen:
            break
        threshold = at
    return threshold


def _family_weight(scored: Scored, matches_to_family: float) -> ir.FloatingValue:
    """log2 odds of one person against two members of one household; null where none can be.

    Where people live and how they are reached is the same for both, so it does not enter.
    """
    pairs, agreement = scored.pairs, scored.agreement
    if not {"family", "given"} <= set(scored.fields):
        return ibis.null("float64")
    other_name = float(log2(agreement["family"][0][0] / _OTHER_FAMILY_NAME))
    weight = ibis.ifelse(pairs.level_family == 0, other_name, 0.0) + matches_to_family
    for field, least in _TELL_FAMILY_APART.items():
        if field in scored.fields:
            weight = weight + _by_level(pairs[f"level_{field}"], agreement[field], least)
    return ibis.ifelse((pairs.level_family != 0) | _share_a_home(scored), weight, None)


def _share_a_home(scored: Scored) -> ir.BooleanValue:
    top = {field: max(scored.agreement[field]) for field in _SHARED if field in scored.fields}
    shared = [
        scored.pairs[f"level_{field}"] == level
        for field, level in top.items()
        if scored.agreement[field][level][1] < _HOME_SHARED_BY_CHANCE
    ]
    return ibis.or_(*shared) if shared else ibis.literal(False)


def _matches_to_family(scored: Scored) -> float:
    """log2 of matches per pair of family members, among pairs that share home or contact.

    Those that differ in given name and birth date are two people.
    """
    pairs, agreement = scored.pairs, scored.agreement
    if "birth" not in scored.fields:
        return log2(_PRIOR_MATCHES / _PRIOR_FAMILY)
    told = _share_a_home(scored) & (pairs.level_family != 0)
    told = told & (pairs.level_given >= 0) & (pairs.level_birth >= 0)
    other = [level for level, (m, u) in agreement["given"].items() if u > m]
    differ = (pairs.level_birth == 0) & pairs.level_given.isin(other)
    counted = pairs.agg(
        all=told.sum().fill_null(0), family=(told & differ).sum().fill_null(0)
    )  # fmt: skip
    row = counted.to_pyarrow().to_pylist()[0]
    misspelt = agreement["birth"][0][0] * sum(agreement["given"][level][0] for level in other)
    family = max(row["family"] - misspelt * row["all"], 0)
    return log2((row["all"] - family + _PRIOR_MATCHES) / (family + _PRIOR_FAMILY))


def _by_level(
    level: ir.NumericColumn, agreement: dict[int, tuple[float, float]], least: float
) -> ir.FloatingValue:
    cases = [
        (level == value, float(log2(m / (max(u, least) if value == max(agreement) else u))))
        for value, (m, u) in agreement.items()
    ]
    return ibis.cases(*cases, else_=0.0)


def _prior_shift(weighed: ir.Table, prior: float, records: int) -> tuple[float, float]:
    """How far the weights must move for the prior to equal the share of matches found."""
    family = weighed.against_family.fill_null(99.0)
    bins = weighed.group_by(
        weight_bin=(weighed.weight / _BIN).round(), family_bin=(family / _BIN).round()
    ).agg(pairs=weighed.count())
    columns = bins.order_by(["weight_bin", "family_bin"]).to_pyarrow().to_pydict()
    weight = np.array(columns["weight_bin"], float) * _BIN
    family_odds = np.exp2(-np.array(columns["family_bin"], float) * _BIN)
    pairs = np.array(columns["pairs"], float)
    everything = records * (records - 1) / 2
    shift, matches = 0.0, 0.0
    for _ in range(_STEPS):
        strangers = np.exp2(np.minimum(-(weight + shift), _MOST_BITS))
        probability = 1 / (1 + strangers + family_odds)
        matches = float(pairs @ probability)
        shift = log2(max(matches, 1) / everything / prior)
    return shift, matches
