"""What campaigns truly did, beside the credit that their messages have.

Credit splits what happened among the touchpoints that came before it; it does not say what would
have happened without them. A hold-out does. Where a campaign of a channel was read out, its effect
stands next to the credit of the channel's messages.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.routes.touchpoints import CONTACT

EVERYBODY = "all"
_METRIC = "orders"


def held_out(
    readout: ir.Table,
    campaigns: ir.Table,
    steps: ir.Table | None = None,
    point_readout: ir.Table | None = None,
) -> pd.DataFrame:
    """Orders that campaigns brought, each assigned customer, by their hold-out.

    Parameters
    ----------
    readout : experiment_readout; may be empty
    campaigns : canonical/campaigns
    steps : route_steps; tells by which messages a campaign was sent, since one of points or
        coupons has none by its kind
    point_readout : point_campaigns; readings of campaigns that `readout` does not have

    Returns
    -------
    campaign_id, name, touchpoint (of its messages; `contact:<kind>` where none is known), effect,
    lower, upper, n, n_control, grade
    """
    read = _on_orders(readout)
    if point_readout is not None:
        points = _on_orders(point_readout)
        read = ibis.union(read, points.anti_join(read, "campaign_id"))
    named = read.join(campaigns.select("campaign_id", "name", channel="kind"), "campaign_id")
    by_kind = "contact:" + named.channel
    if steps is None:
        named = named.mutate(touchpoint=by_kind)
    else:
        sent = steps.filter((_.kind == CONTACT) & _.campaign_id.notnull())
        sent = sent.select("campaign_id", "touchpoint").distinct()
        named = named.left_join(sent, "campaign_id").drop("campaign_id_right")
        named = named.mutate(touchpoint=_.touchpoint.coalesce("contact:" + _.channel))
    found = named.select(
        "campaign_id", "name", "touchpoint", "effect", "lower", "upper", "n", "n_control", "grade"
    )
    return found.order_by("campaign_id", "touchpoint", "n", "effect").to_pandas()


def _on_orders(readout: ir.Table) -> ir.Table:
    orders = (_.metric == _METRIC) & (_.segment == EVERYBODY) & _.effect.notnull()
    columns = ("campaign_id", "effect", "lower", "upper", "n", "n_control", "grade")
    return readout.filter(orders).select(*columns)


def beside_credit(effects: pd.DataFrame, credit: pd.DataFrame) -> pd.DataFrame:
    """Each readout with the share of conversions credited to its channel's messages.

    Parameters
    ----------
    effects : from `held_out`
    credit : touchpoint, share; rows of one model of the table `attribution`

    Returns
    -------
    the columns of `effects` and `share`, where the channel has credit
    """
    return effects.merge(credit[["touchpoint", "share"]], on="touchpoint", how="inner")
