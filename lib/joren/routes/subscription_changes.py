"""What looks like an end of a 定期 and is none: another product, another rhythm, another contract.

Three kinds of change, each told from what was delivered and never from a field that says so, since
exports hold the contract as it is now:

- `product`: a parcel holds another of the shop's subscription products than the one before it.
  Parcels with none or several of them tell nothing;
- `longer`, `shorter`: two gaps that agree are followed by two gaps that agree with each other and
  not with those. One late parcel is a skipped delivery and no new rhythm;
- `contract`: a contract ended and the same customer began another within a cycle of that day, of
  the same product or of another one. The flow counts the first as ended, which it was.

The unit is the subscription, which counts for its first change of a kind. Intervals are Jeffreys.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.routes.subscription_flow import ALL, followed, parcels
from joren.stats.shares import jeffreys

KINDS = ("product", "longer", "shorter", "contract")
AGREE = 1.2  # gaps whose ratio is at most this are one rhythm
APART = 1.3  # rhythms whose ratio is at least this are two
_KEY = ("source", "subscription_id")
_FOUND = ("product_id", "to_product", "order_number", "days_from", "days_to")


def subscription_changes(
    subscriptions: ir.Table,
    orders: ir.Table,
    lines: ir.Table,
    identity_map: ir.Table,
    as_of: date,
    interval: float,
) -> pd.DataFrame:
    """The table `subscription_changes`: how many subscriptions changed, of those that could.

    Only counts leave the engine.

    Parameters
    ----------
    subscriptions, orders, lines : canonical tables
    identity_map : identity_map
    as_of : last day, inclusive
    interval : probability of lower and upper

    Returns
    -------
    kind; product_id (before the change; `all` for the whole); to_product (null where it stays, and
    where all are counted together); changed, could (subscriptions); share, lower, upper;
    order_number (median number of the last order before), days_from, days_to (medians, of rhythms)
    """
    known = subscriptions.filter(_.started_at.date() <= as_of)
    sent = parcels(orders, as_of)
    rhythms = _rhythms(known, sent).cache()
    parts = {
        "product": _by_product(known, orders, lines, as_of),
        "longer": _first(rhythms.mutate(changed=_.steady & (_.ratio >= APART))),
        "shorter": _first(rhythms.mutate(changed=_.steady & (_.ratio <= 1 / APART))),
        "contract": _by_contract(known, sent, identity_map, as_of),
    }
    counted = [_counted(rows).assign(kind=kind) for kind, rows in parts.items()]
    found = pd.concat([part for part in counted if len(part)] or counted[:1])
    if found.empty:
        return pd.DataFrame(columns=_COLUMNS)
    found["share"] = found.changed / found.could
    found["lower"], found["upper"] = jeffreys(
        found.changed.to_numpy(), found.could.to_numpy(), interval
    )
    found = found.assign(
        place=found.kind.map({kind: i for i, kind in enumerate(KINDS)}),
        of_product=found.product_id != ALL, of_pair=found.to_product.notna(),
    )  # fmt: skip
    ranked = found.sort_values(
        ["place", "of_product", "of_pair", "changed", "product_id", "to_product"],
        ascending=[True, True, True, False, True, True],
    )
    return ranked[_COLUMNS].reset_index(drop=True)


_COLUMNS = [
    "kind", "product_id", "to_product", "changed", "could", "share", "lower", "upper",
    "order_number", "days_from", "days_to",
]  # fmt: skip


def _by_product(known: ir.Table, orders: ir.Table, lines: ir.Table, as_of: date) -> ir.Table:
    """Every subscription with two parcels whose product is known, and its first change of it."""
    offered = known.filter(_.product_id.notnull()).select("source", "product_id").distinct()
    held = lines.semi_join(offered, ["source", "product_id"]).select(
        "source", "order_id", "product_id"
    )
    of_parcels = (
        parcels(orders, as_of, "order_id")
        .join(held, ["source", "order_id"])
        .group_by(*_KEY, "day")
        .agg(product=_.product_id.min(), several=_.product_id.nunique())
        .filter(_.several == 1)
        .semi_join(known, _KEY)
    )
    in_order = ibis.window(group_by=list(_KEY), order_by="day")
    steps = of_parcels.mutate(
        place=(ibis.row_number().over(in_order) + 1).cast("int64"),
        following=_["product"].lead().over(in_order),
    ).filter(_.following.notnull())
    return _first(
        steps.mutate(
            changed=_.following != _["product"], product_id=_["product"], to_product=_.following,
            days_from=ibis.null("float64"), days_to=ibis.null("float64"),
        )
    )  # fmt: skip


def _rhythms(known: ir.Table, sent: ir.Table) -> ir.Table:
    """Every parcel with two gaps on either side: steady where they agree, and their ratio."""
    in_order = ibis.window(group_by=list(_KEY), order_by="day")
    gaps = sent.mutate(
        place=(ibis.row_number().over(in_order) + 1).cast("int64"),
        gap=_.day.delta(_.day.lag().over(in_order), unit="day").cast("float64"),
    ).filter(_.gap > 0)
    around = gaps.mutate(
        earlier=_.gap.lag().over(in_order),
        later=_.gap.lead().over(in_order),
        last=_.gap.lead(2).over(in_order),
    ).filter(_.earlier.notnull() & _["last"].notnull())
    days_from, days_to = (_.earlier + _.gap) / 2, (_.later + _["last"]) / 2
    rhythm = around.mutate(days_from=days_from, days_to=days_to).mutate(
        steady=_agree(_.earlier, _.gap) & _agree(_.later, _["last"]),
        ratio=_.days_to / _.days_from,
    )
    named = rhythm.join(known.select(*_KEY, "product_id"), _KEY)
    return named.mutate(to_product=ibis.null("string"))


def _agree(one: ir.Value, other: ir.Value) -> ir.Value:
    return ibis.greatest(one, other) <= AGREE * ibis.least(one, other)


def _by_contract(known: ir.Table, sent: ir.Table, identity_map: ir.Table, as_of: date) -> ir.Table:
    """Every contract that ended a cycle ago or earlier, and the nearest one begun about then."""
    people = identity_map.select("source", "source_id", "customer_id")
    held = followed(known, sent, as_of).join(people, ["source", "source_id"])
    age = ibis.literal(as_of).delta(held.ended_on, unit="day")
    ended = held.filter(held.ended_on.notnull() & (age >= held.cycle))
    begun = held.select(
        "customer_id", to_source="source", to_subscription="subscription_id",
        to_product="product_id", began="started_on",
    )  # fmt: skip
    pairs = ended.join(begun, "customer_id").mutate(
        apart=_.began.delta(_.ended_on, unit="day").abs()
    )
    other = (_.to_source != _.source) | (_.to_subscription != _.subscription_id)
    after = _.began > _.started_on
    nearest = ibis.window(group_by=list(_KEY), order_by=["apart", "to_source", "to_subscription"])
    taken = (
        pairs.filter(other & after & (_.apart <= _.cycle))
        .mutate(rank=ibis.row_number().over(nearest))
        .filter(_["rank"] == 0)
        .select(*_KEY, "to_product")
    )
    joined = ended.select(*_KEY, "product_id", order_number=_.seen).left_join(
        taken.mutate(changed=True), _KEY
    )
    return joined.select(
        *_KEY, "product_id", "to_product", "order_number",
        changed=_.changed.fill_null(False),
        days_from=ibis.null("float64"), days_to=ibis.null("float64"),
    )  # fmt: skip


def _first(steps: ir.Table) -> ir.Table:
    """One row per subscription: its first change of the kind, or its first step."""
    window = ibis.window(group_by=list(_KEY), order_by=[ibis.desc("changed"), "place"])
    return (
        steps.mutate(rank=ibis.row_number().over(window))
        .filter(_["rank"] == 0)
        .select(
            *_KEY, "product_id", "to_product", "changed", "days_from", "days_to",
            order_number=_.place,
        )
    )  # fmt: skip


def _counted(rows: ir.Table) -> pd.DataFrame:
    """Counts of changes, for each product and pair of products, and all together."""
    rows = rows.filter(_.product_id.notnull()).cache()
    of_all = _sums(rows, []).mutate(product_id=ibis.literal(ALL), to_product=ibis.null("string"))
    each = _sums(rows, ["product_id"]).mutate(to_product=ibis.null("string"))
    could = rows.group_by("product_id").agg(could=_.count())
    pairs = (
        _sums(rows.filter(_.changed & _.to_product.notnull()), ["product_id", "to_product"])
        .drop("could")
        .join(could, "product_id")
    )
    columns = ["product_id", "to_product", "changed", "could", "order_number", "days_from",
               "days_to"]  # fmt: skip
    parts = (of_all, each, pairs)
    found = ibis.union(*(part.select(*columns) for part in parts)).to_pandas()
    return found[found.could > 0]


def _sums(rows: ir.Table, by: list[str]) -> ir.Table:
    changed = _.changed
    sums = {
        "changed": _.changed.cast("int64").sum().fill_null(0),
        "could": _.count(),
        **{name: _[name].cast("float64").median(where=changed)
           for name in ("order_number", "days_from", "days_to")},
    }  # fmt: skip
    return rows.group_by(by).agg(**sums) if by else rows.agg(**sums)
