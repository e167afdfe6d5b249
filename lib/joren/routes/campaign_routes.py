"""Did a campaign change what customers do? Its arms in the readout window, beside the hold-out.

Each assigned customer's transitions in the readout window, the treated beside the control,
exchanged within strata as they were drawn. What she did in as long a time before the assignment is
taken off by a slope that is the same on both sides: that sharpens the comparison, no more.

Twice: the whole routes, where those who were written to have met a message; and the routes without
the campaign's own messages and clicks, where only what customers did otherwise can differ. Beside
single edges stand all transitions into a touchpoint, from anywhere. The placebo is the second
comparison with the window before the assignment in the window's place, where nothing can have
happened yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import scipy.sparse as sp
from ibis import _

from joren.routes.compare import Comparison, Journeys, compare_groups
from joren.routes.edges import START_CODE, transitions
from joren.routes.touchpoints import CONTACT, EVENT
from joren.stats.arrays import Array

CONTROL = "control"
ANYWHERE = -1  # source of all transitions into a touchpoint
WHOLE, REST = "whole", "without_messages"
_END = int(np.iinfo(np.int32).max)  # stands for the end of a route; no code is as large
LEAST_ARM = 30  # customers
LEAST_TAKERS, LEAST_SHARE = 10, 0.01  # customers who took an edge in either window, to compare it


@dataclass(frozen=True)
class Readout:
    """A campaign's routes beside its hold-out's.

    routes : `whole`, or `without_messages` of its own
    edges : (e, 2) codes, ANYWHERE for any source
    change : treated less control, transitions a customer in the window
    placebo : the same before the assignment; None for whole routes, and where the data begin later
    """

    campaign_id: str
    name: str
    routes: str
    edges: Array
    change: Comparison
    placebo: Comparison | None


def assigned(assignments: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Customers of each campaign by side; who fell into both is left out.

    Returns
    -------
    campaign_id, customer_id, treated, stratum
    """
    known = identity_map.select("source", "source_id", "customer_id")
    rows = assignments.join(known, ["source", "source_id"])
    treated = rows.mutate(treated=_.arm != CONTROL)
    return (
        treated.group_by("campaign_id", "customer_id")
        .agg(
            least=_.treated.cast("int64").min(), most=_.treated.cast("int64").max(),
            stratum=_.stratum.fill_null("").min(),
        )
        .filter(_.least == _.most)
        .select("campaign_id", "customer_id", "stratum", treated=_.least == 1)
    )  # fmt: skip


def read_out(
    steps: ir.Table, sides: ir.Table, campaigns: ir.Table, as_of: date, interval: float, seed: int
) -> Iterator[Readout | tuple[str, Literal["open", "thin"]]]:
    """Every campaign with a hold-out, in the order of their names.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    sides : from `assigned`
    campaigns : canonical/campaigns
    interval : probability of the intervals

    Returns
    -------
    two readouts a campaign; or the name of a campaign and why it has none: its window is still
    `open`, or fewer than 30 customers stand on a side or no edge has 10 takers (`thin`)
    """
    first = steps.at.min().to_pyarrow().as_py()
    rows = campaigns.order_by("campaign_id").to_pyarrow().to_pylist()
    held = set(sides.select("campaign_id").distinct().to_pandas().campaign_id)
    for campaign in rows:
        if campaign["campaign_id"] not in held or first is None:
            continue
        name = campaign["name"]
        # canonical ends are the first moment after the last day
        if campaign["ends_on"] > datetime.combine(as_of + timedelta(days=1), time()):
            yield name, "open"
            continue
        own = sides.filter(_.campaign_id == campaign["campaign_id"])
        found = [
            _one(steps, own, campaign, routes, first.date(), interval, seed)
            for routes in (WHOLE, REST)
        ]
        yield from (readout for readout in found if readout is not None)
        if None in found:
            yield name, "thin"


def verdicts(readouts: list[Readout]) -> pd.DataFrame:
    """One row a readout: the change that is surest, and whether it is one.

    p and placebo_p are adjusted over the edges of a readout, and over the campaigns by Holm's rule:
    of many campaigns that do nothing, one in twenty would else seem to do something.

    Returns
    -------
    campaign_id, name, routes; n, n_control; edges (compared); source, target (codes), difference,
    lower, upper of the surest; p; placebo_p (NaN without a placebo)
    """
    rows = []
    for r in readouts:
        best = int(np.argmax(np.abs(r.change.score)))
        rows.append({
            "campaign_id": r.campaign_id, "name": r.name, "routes": r.routes,
            "n": r.change.customers, "n_control": r.change.others, "edges": len(r.edges),
            "source": int(r.edges[best][0]), "target": int(r.edges[best][1]),
            "difference": r.change.difference[best], "lower": r.change.lower[best],
            "upper": r.change.upper[best], "p": r.change.smallest_p,
            "placebo_p": r.placebo.smallest_p if r.placebo else np.nan,
        })  # fmt: skip
    columns = ["campaign_id", "name", "routes", "n", "n_control", "edges", "source", "target",
               "difference", "lower", "upper", "p", "placebo_p"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    for name in ("p", "placebo_p") if rows else ():
        table[name] = table.groupby("routes")[name].transform(holm)
    return table


def holm(p: pd.Series) -> pd.Series:
    """Holm's adjustment of p values; those that are missing stay so and do not count."""
    known = p.dropna().sort_values(kind="stable")
    factors = np.arange(len(known), 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(known.to_numpy() * factors), 1.0)
    return pd.Series(adjusted, index=known.index).reindex(p.index)


def route_changes(readouts: list[Readout], names: dict[int, str]) -> pd.DataFrame:
    """The table `route_changes`: transitions a customer that a campaign added or took.

    Parameters
    ----------
    names : code → touchpoint

    Returns
    -------
    campaign_id; routes; source_touchpoint (empty: from anywhere), target_touchpoint; customers,
    customers_control; transitions, transitions_control (a customer in the window); difference,
    lower, upper; p_adjusted (over all of the readout); q_value; placebo_p
    """
    parts = [
        pd.DataFrame({
            "campaign_id": r.campaign_id, "routes": r.routes,
            "source_touchpoint": [names.get(s, "") for s, _t in r.edges],
            "target_touchpoint": [names[t] for _s, t in r.edges],
            "customers": r.change.customers, "customers_control": r.change.others,
            "transitions": r.change.value, "transitions_control": r.change.other,
            "difference": r.change.difference, "lower": r.change.lower, "upper": r.change.upper,
            "p_adjusted": r.change.p, "q_value": r.change.q,
            "placebo_p": r.placebo.p if r.placebo else np.nan,
        })
        for r in readouts
    ]  # fmt: skip
    columns = ["campaign_id", "routes", "source_touchpoint", "target_touchpoint", "customers",
               "customers_control", "transitions", "transitions_control", "difference", "lower",
               "upper", "p_adjusted", "q_value", "placebo_p"]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _one(
    steps: ir.Table, sides: ir.Table, campaign: dict, routes: str, first: date, interval: float,
    seed: int,
) -> Readout | None:  # fmt: skip
    people = sides.mutate(row=ibis.row_number().over(order_by=sides.customer_id)).cache()
    frame = people.order_by("row").select("treated", "stratum").to_pandas()
    treated = frame.treated.to_numpy(bool)
    if min(treated.sum(), (~treated).sum()) < LEAST_ARM:
        return None
    begin = campaign["starts_on"].date()
    length = -((campaign["starts_on"] - campaign["ends_on"]) // timedelta(days=1))
    begins = [begin - timedelta(days=length * back) for back in range(3)]
    if routes == REST:
        own = steps.kind.isin([CONTACT, EVENT]) & (steps.campaign_id == campaign["campaign_id"])
        steps = steps.filter(~own.fill_null(False))
    counts = _counts(steps, people, begins, length)
    takers = counts[counts.window < 2].groupby(["source", "target"]).row.nunique()
    edges = takers[takers >= max(LEAST_TAKERS, LEAST_SHARE * len(treated))].index
    if not len(edges):
        return None
    place = pd.Series(range(len(edges)), index=edges, name="edge")
    counts = counts.join(place, on=["source", "target"], how="inner")
    side, strata = np.where(treated, 0, 1), frame.stratum.to_numpy(str)

    def compared(back: int) -> Comparison:
        journeys, level = _adjusted(counts, back, len(treated), len(edges))
        found = compare_groups(
            journeys, side, interval, seed + back, strata=strata, per_customer=True
        )[0]
        return replace(found, value=found.value + level, other=found.other + level)

    return Readout(
        campaign["campaign_id"], campaign["name"], routes, np.array(edges.to_list()), compared(0),
        compared(1) if routes == REST and begins[2] >= first else None,
    )  # fmt: skip


def _counts(steps: ir.Table, people: ir.Table, begins: list[date], length: int) -> pd.DataFrame:
    """row, source, target, window (0: of the campaign, 1: before it, 2: before that), n."""
    rest = steps.join(people.select("customer_id", "row"), "customer_id")
    pairs = transitions(rest, _END)
    pairs = pairs.filter((_.source != START_CODE) & (_.target != _END))
    day = pairs.at.date()
    window = ibis.cases(*(
        ((day >= since) & (day < since + timedelta(days=length)), back)
        for back, since in enumerate(begins)
    ))  # fmt: skip
    counted = (
        pairs.mutate(window=window)
        .filter(_.window.notnull())
        .group_by("customer_id", "source", "target", "window")
        .agg(n=_.count())
        .join(people.select("customer_id", "row"), "customer_id")
        .select("row", "source", "target", "window", "n")
        .order_by("row", "source", "target", "window")
        .to_pandas()
    )
    into = counted.groupby(["row", "target", "window"], as_index=False).n.sum()
    return pd.concat([counted, into.assign(source=ANYWHERE)], ignore_index=True)


def _adjusted(counts: pd.DataFrame, back: int, size: int, edges: int) -> tuple[Journeys, Array]:
    """Transitions of a window less slope × those of the window before; and slope × their mean."""

    def of(window: int) -> sp.csr_matrix:
        some = counts[counts.window == window]
        at = (some.row.to_numpy(int), some.edge.to_numpy(int))
        return sp.csr_matrix((some.n.to_numpy(float), at), shape=(size, edges))

    now, before = of(back), of(back + 1)
    means = [np.asarray(m.mean(0)).ravel() for m in (now, before)]
    product, square = (
        np.asarray(before.multiply(m).mean(0)).ravel() - means[1] * mean
        for m, mean in ((now, means[0]), (before, means[1]))
    )
    slope = np.divide(product, square, out=np.zeros(edges), where=square > 0)
    left = (now - before @ sp.diags(slope)).tocsr()
    return Journeys(left, left, np.arange(edges)), slope * means[1]
