"""The review queue: which pairs to look at first, and what speaks for and against each.

A verdict is worth what it may move. Two customers held apart are wrongly so with the pair's
probability p, and rightly so with 1 - p; the uncertainty 4 p (1 - p) is largest where a look helps
most. What would move is what the lesser of the two customers is worth: LTV of a year (before stage
04 has run, what they spent so far) and points. The queue is ordered by the product.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from matplotlib.figure import Figure

from joren import text
from joren.identity.masks import mask
from joren.identity.pairs import FIELDS
from joren.identity.verdicts import DIFFERENT, PAIR, SAME, UNSURE, standing
from joren.identity.waiting import waiting_edges

SHOWN = (
    "full_name", "full_kana", "phone", "email", "postal_code", "address", "birth_date", "gender",
    "card_no", "line_id", "registered_at",
)  # fmt: skip
_COMPARED_AS = {
    "full_name": "name", "full_kana": "name", "postal_code": "postal", "card_no": "card",
    "line_id": "line",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall: what a field adds, and where the sum stands after it (log2)."""

    field: str
    relation: str
    weight: float | None
    total: float | None


def review_queue(
    identity_edges: ir.Table, identity_map: ir.Table, worth: ir.Table, verdicts: ir.Table | None
) -> ir.Table:
    """Pairs of records that wait for a verdict, most at stake first.

    Parameters
    ----------
    identity_edges, identity_map : the output tables
    worth : customer_id, worth (currency), the table of `customer_worth`
    verdicts : the log; a pair that was decided since is left out, one left unsure comes last

    Returns
    -------
    the columns of identity_edges, left_customer, right_customer, stake (currency), unsure
    """
    waiting = waiting_edges(identity_edges, identity_map)
    for side in ("left", "right"):
        priced = worth.select(**{f"{side}_customer": "customer_id", f"{side}_worth": "worth"})
        waiting = waiting.left_join(priced, f"{side}_customer").drop(f"{side}_customer_right")
    p = waiting.match_probability
    lesser = ibis.least(waiting.left_worth.fill_null(0), waiting.right_worth.fill_null(0))
    waiting = waiting.mutate(stake=4 * p * (1 - p) * lesser)
    if verdicts is None:
        waiting = waiting.mutate(unsure=ibis.literal(False))
    else:
        last = standing(verdicts).select(*PAIR, "verdict")
        decided = last.filter(last.verdict.isin([SAME, DIFFERENT]))
        left_open = last.filter(last.verdict == UNSURE)
        waiting = waiting.anti_join(decided, PAIR).left_join(left_open, PAIR)
        waiting = waiting.drop(*(f"{name}_right" for name in PAIR))
        waiting = waiting.mutate(unsure=waiting.verdict.notnull()).drop("verdict")
    best = ibis.row_number().over(
        group_by=["left_customer", "right_customer"],
        order_by=[waiting.unsure, waiting.match_probability.desc(), *PAIR],
    )
    ranked = waiting.mutate(place=best)
    first = ranked.filter(ranked.place == 0).drop("place", "left_worth", "right_worth")
    return first.order_by([first.unsure, first.stake.desc(), first.match_probability.desc(), *PAIR])


def customer_worth(
    purchases: ir.Table, ltv: ir.Table, points: ir.Table, value_per_point: float
) -> ir.Table:
    """What each customer is worth, in currency.

    Parameters
    ----------
    purchases : the table of `kpis.purchases_by_customer`
    ltv : the output table, empty before stage 04 has run: then what was spent counts
    points : point_balances, may be empty
    value_per_point : currency per point

    Returns
    -------
    customer_id, worth
    """
    money = purchases.select("customer_id", "value")
    forecast = ltv.select("customer_id", ltv="ltv_365d")
    priced = money.left_join(forecast, "customer_id").drop("customer_id_right")
    has_forecast = forecast.count().as_scalar() > 0
    amount = ibis.ifelse(has_forecast, priced.ltv.fill_null(0), priced.value).cast("float64")
    held = points.group_by("customer_id").agg(held=points.balance.sum())
    spent = priced.select("customer_id", worth=amount)
    saved = held.select("customer_id", worth=held.held.cast("float64") * value_per_point)
    both = spent.union(saved)
    return both.group_by("customer_id").agg(worth=both.worth.sum())


def side_by_side(
    pair: Mapping[str, Any], records: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[tuple[str, str, str, str]]:
    """The two records, masked: (field, left, right, how they compare) for fields either has.

    Parameters
    ----------
    pair : a row of `review_queue`
    records : (source, source_id) → canonical customer row
    """
    left = records.get((pair["left_source"], pair["left_source_id"]), {})
    right = records.get((pair["right_source"], pair["right_source_id"]), {})
    evidence = json.loads(pair["evidence"])
    rows = []
    for field in SHOWN:
        one, other = (written(record, field) for record in (left, right))
        if one or other:
            relation = str(evidence.get(_COMPARED_AS.get(field, field), "unknown"))
            rows.append((field, mask(field, one), mask(field, other), relation))
    return rows


def waterfall(pair: Mapping[str, Any]) -> list[Step]:
    """What each field adds to the odds, from the prior on; relations alone where a rule decided.

    Parameters
    ----------
    pair : a row of identity_edges
    """
    evidence = json.loads(pair["evidence"])
    weights = evidence.get("weights", {})
    steps, total = [], 0.0
    for field, weight in weights.items():
        if weight is None or (field != "prior" and weight == 0):
            continue
        total += weight
        steps.append(Step(field, str(evidence.get(field, "")), float(weight), total))
    if steps:
        return steps
    return [
        Step(field, evidence[field], None, None)
        for field in FIELDS
        if evidence.get(field, "unknown") != "unknown"
    ]


def draw_waterfall(steps: list[Step], language: str) -> Figure:
    """Bars from the prior to the pair's weight, in bits; empty where no weights are known."""
    from joren.report.figures import COLOURS, new_figure

    weighed = [step for step in steps if step.weight is not None]
    figure, axes = new_figure(height=0.8 + 0.3 * max(len(weighed), 1))
    for row, step in enumerate(weighed):
        colour = COLOURS["blue"] if step.weight > 0 else COLOURS["accent"]
        axes.barh(-row, step.weight, left=step.total - step.weight, color=colour, height=0.6)
    labels = [text.render(language, f"identity.field.{step.field}") for step in weighed]
    axes.set_yticks([-row for row in range(len(weighed))], labels)
    axes.axvline(0, color=COLOURS["grey"], linewidth=0.6)
    axes.set_xlabel(text.render(language, "identity.axis_weight"))
    return figure


def written(record: Mapping[str, Any], field: str) -> object:
    """A field as written; a full name also from its two parts."""
    value = record.get(field)
    if field in ("full_name", "full_kana") and not value:
        script = field.removeprefix("full_")
        parts = (record.get(f"family_{script}"), record.get(f"given_{script}"))
        return " ".join(part for part in parts if isinstance(part, str) and part)
    return value
