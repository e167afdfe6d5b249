"""The fuzzy tier: what the rules leave open is decided by a model trained on the records.

It works between the exact rules and the clustering. A rule's link stands; what a rule sent to
review or rejected, and pairs no rule looks at, are links where the model is sure enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.identity.blocking import blocked_pairs
from joren.identity.calibration import OVERRULES_FROM, Calibrated, calibrate, link_threshold
from joren.identity.grouping import MODEL as RULE
from joren.identity.learned import Learned
from joren.identity.model import score_pairs
from joren.identity.model_records import model_records
from joren.identity.rivals import share_among_rivals

REVIEW_FROM = 0.5
# pairs less likely than this speak against a chain of links that would join them
REJECT_BELOW = 0.01
_SUREST = 1 - 1e-6


@dataclass(frozen=True)
class Fuzzy:
    """edges: the rules' and the model's, each pair once.

    calibrated and threshold are None where there was too little to learn from.
    """

    edges: ir.Table
    calibrated: Calibrated | None = None
    threshold: float | None = None
    learned: Learned | None = None


def with_fuzzy_edges(
    con: Backend,
    records: ir.Table,
    edges: ir.Table,
    *,
    locale: str,
    seed: int,
    precision: float,
    review_band: str | tuple[float, float] = "auto",
    learned: Learned | None = None,
    known: ir.Table | None = None,
) -> Fuzzy:
    """Add the model's edges to those of the rules.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : the table of `without_generic`
    edges : the table of `exact_edges`
    locale : see `comparisons`
    seed : of the sample the model learns strangers from
    precision : share of the model's links that must be right, by its own estimate
    review_band : probabilities from which a pair is reviewed and linked, instead of that
    learned : what was learned when everything was linked; None learns now
    known : left, right, decision of pairs decided before, None where everything is linked anew
    """
    prepared = model_records(con, records)
    seen = edges.select("left", "right").union(blocked_pairs(con, prepared), distinct=True)
    scored = score_pairs(con, prepared, seen, locale, seed, learned)
    if scored is None:
        return Fuzzy(edges)
    calibrated = calibrate(con, scored, prepared.count().execute())
    ruled = edges.filter(edges.decision == "link").select("left", "right", "match_probability")
    one_person = ruled.select("left", "right")
    if known is not None:
        one_person = one_person.union(known.filter(known.decision == "link")["left", "right"])
    shared = share_among_rivals(con, calibrated.pairs, one_person)
    calibrated = replace(calibrated, pairs=shared)
    open_pairs = calibrated.pairs.anti_join(ruled, ["left", "right"])
    if review_band == "auto":
        review_from = REVIEW_FROM
        link_from = learned.threshold if learned else link_threshold(open_pairs, ruled, precision)
    else:
        review_from, link_from = review_band
    weights = _weights_json(calibrated.pairs, scored.fields, calibrated.prior_weight)
    p = calibrated.pairs.match_probability
    judged = calibrated.pairs.select(
        "left", "right", "match_probability", weights=weights, sure=p >= link_from
    ).filter((p >= review_from) | (p < REJECT_BELOW))  # fmt: skip
    judged = con.create_table("identity_judged", _telling(judged), temp=True, overwrite=True)
    now = Learned(
        scored.settings, scored.fields, scored.prior, calibrated.shift, calibrated.family, link_from
    )
    return Fuzzy(_combined(con, edges, judged), calibrated, link_from, learned or now)


def _telling(judged: ir.Table) -> ir.Table:
    """Without the unlikely pairs whose records no link of the model touches."""
    sure = judged.filter(judged.sure)
    ends = sure.select(end="left").union(sure.select(end="right"), distinct=True)
    unlikely = judged.filter(judged.match_probability < REJECT_BELOW)
    for side in ("left", "right"):
        unlikely = unlikely.semi_join(ends.select(**{side: "end"}), side)
    return judged.filter(judged.match_probability >= REJECT_BELOW).union(unlikely)


def _weights_json(pairs: ir.Table, fields: tuple[str, ...], prior: float) -> ir.StringValue:
    """log2 Bayes factor of every field: a waterfall from the prior to the pair's weight."""
    text = ibis.literal(f'"weights": {{"prior": {prior:.2f}')
    for field in (*fields, "household", "rivals"):
        value = pairs[f"weight_{field}"].cast("float64").round(2).cast("string")
        text = text + f', "{field}": ' + value
    return text + "}"


def _combined(con: Backend, edges: ir.Table, judged: ir.Table) -> ir.Table:
    """A rule's link stands, the model's link beats a rule's doubt, else the rule's word stands.

    Where the model is sure, its weights are part of the evidence and the guard need not ask again
    about what the two records themselves contradict each other in.
    """
    columns = list(edges.columns)
    joined = edges.left_join(judged, ["left", "right"]).rename(model="match_probability_right")
    sure = joined.sure.fill_null(False) & (joined.model >= OVERRULES_FROM)
    overruled = sure & (joined.decision != "link")
    p = ibis.least(ibis.ifelse(overruled, joined.model, joined.match_probability), _SUREST)
    by_rule = joined.mutate(
        rule=ibis.ifelse(overruled, RULE, joined.rule),
        match_probability=p,
        weight=(p / (1 - p)).log2(),
        evidence=ibis.ifelse(sure, _with_weights(joined), joined.evidence),
        decision=ibis.ifelse(overruled, "link", joined.decision),
    ).select(*columns)
    alone = judged.anti_join(edges.select("left", "right"), ["left", "right"])
    p = ibis.greatest(ibis.least(alone.match_probability, _SUREST), 1 - _SUREST)
    by_model = alone.select(
        "left", "right", rule=ibis.literal(RULE), match_probability=p, weight=(p / (1 - p)).log2(),
        evidence="{" + alone.weights + "}",
        decision=ibis.cases((alone.sure, "link"), (p < REJECT_BELOW, "reject"), else_="review"),
    ).select(*columns)  # fmt: skip
    return con.create_table(
        "identity_all_edges", by_rule.union(by_model), temp=True, overwrite=True
    )


def _with_weights(joined: ir.Table) -> ir.StringValue:
    return joined.evidence.re_replace(r"\}$", "") + ", " + joined.weights + "}"
