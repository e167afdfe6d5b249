"""By what assigned customers are told apart: only what was known before the campaign began.

A segment that is read from after the start sorts customers by what the campaign did to them, and
its "effect" is an artefact. Every customer is in one segment of each kind: her stratum as the
client drew it (the bare word), her last channel, how often and how recently she had bought, and
where her past spend ranks among those assigned.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

ALL = "all"
KINDS = ("stratum", "channel", "frequency", "recency", "rank")
# classes in the order a reader expects, where it is not that of their names
ORDER = (
    "recency:0-30d", "recency:31-90d", "recency:91-180d", "recency:181d+", "recency:never",
    "rank:top_fifth", "rank:upper", "rank:lower_half",
)  # fmt: skip
_RARE = 20  # customers a channel must have in a campaign to be named


def with_segments(customers: ir.Table, starts: ir.Table, facts: ir.Table) -> ir.Table:
    """Assigned customers with a column a kind of segment.

    Parameters
    ----------
    customers : campaign_id, customer_id, arm, stratum
    starts : campaign_id, starts_on
    facts : from `outcomes.order_facts`

    Returns
    -------
    the columns of `customers`, `stratum` (null where the client drew none) among them; channel,
    frequency, recency, rank: names such as `channel:web`
    """
    joined = (
        customers.select("campaign_id", "customer_id")
        .join(starts, "campaign_id")
        .join(facts, "customer_id")
        .filter(lambda t: t.ordered_at < t.starts_on)
    )
    last = ibis.struct({"at": joined.ordered_at, "order_id": joined.order_id})
    past = joined.group_by("campaign_id", "customer_id").agg(
        days=joined.day.nunique(where=joined.is_purchase),
        last_day=joined.day.max(where=joined.is_purchase),
        spent=joined.revenue.sum(),
        last_channel=joined.channel.argmax(last, where=joined.is_purchase),
    )
    rows = customers.left_join(past, ["campaign_id", "customer_id"]).drop(
        "campaign_id_right", "customer_id_right"
    )
    rows = rows.join(starts, "campaign_id")
    rows = rows.mutate(
        silent=rows.starts_on.date().delta(rows.last_day, unit="day"),
        place=ibis.cume_dist().over(
            ibis.window(group_by="campaign_id", order_by=rows.spent.fill_null(0))
        ),
        channel_size=ibis._.count().over(ibis.window(group_by=["campaign_id", "last_channel"])),
    )
    return rows.mutate(
        channel=ibis.cases(
            (rows.last_channel.isnull(), "channel:none"),
            (rows.channel_size < _RARE, "channel:other"),
            else_=ibis.literal("channel:") + rows.last_channel,
        ),
        frequency=ibis.cases(
            (rows["days"].fill_null(0) == 0, "frequency:0"),
            (rows["days"] == 1, "frequency:1"),
            (rows["days"] <= 3, "frequency:2-3"),
            else_="frequency:4+",
        ),
        recency=ibis.cases(
            (rows.silent.isnull(), "recency:never"),
            (rows.silent <= 30, "recency:0-30d"),
            (rows.silent <= 90, "recency:31-90d"),
            (rows.silent <= 180, "recency:91-180d"),
            else_="recency:181d+",
        ),
        rank=ibis.cases(
            (rows.place > 0.8, "rank:top_fifth"),
            (rows.place > 0.5, "rank:upper"),
            else_="rank:lower_half",
        ),
        stratum=_unmistakable(rows.stratum),
    ).select(*customers.columns, *(kind for kind in KINDS if kind != "stratum"))


def _unmistakable(stratum: ir.StringValue) -> ir.StringValue:
    """The client's word for a stratum, marked where it would pass for another segment's name."""
    taken = stratum == ALL
    for kind in KINDS:
        taken = taken | stratum.startswith(f"{kind}:")
    return taken.ifelse(ibis.literal("stratum:") + stratum, stratum)


def kind_of(segment: str) -> str:
    """The kind a segment's name belongs to."""
    kind, colon, _name = segment.partition(":")
    return ALL if segment == ALL else kind if colon and kind in KINDS else "stratum"
