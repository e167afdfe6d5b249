"""What campaigns truly did, beside the credit that their messages have.

Credit splits what happened among the touchpoints that came before it; it does not say what would
have happened without them. A hold-out does. Where a campaign of a channel was read out, its effect
stands next to the credit of the channel's messages.
"""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd
from ibis import _

EVERYBODY = "all"
_METRIC = "orders"


def held_out(readout: ir.Table, campaigns: ir.Table) -> pd.DataFrame:
    """Orders that campaigns brought, each assigned customer, by their hold-out.

    Parameters
    ----------
    readout : experiment_readout; may be empty
    campaigns : canonical/campaigns

    Returns
    -------
    campaign_id, name, touchpoint (`contact:<kind>`), effect, lower, upper, n, n_control, grade
    """
    read = readout.filter((_.metric == _METRIC) & (_.segment == EVERYBODY) & _.effect.notnull())
    named = read.join(campaigns.select("campaign_id", "name", channel="kind"), "campaign_id")
    found = named.select(
        "campaign_id", "name", "effect", "lower", "upper", "n", "n_control", "grade",
        touchpoint=("contact:" + named.channel),
    )  # fmt: skip
    return found.order_by("campaign_id", "touchpoint", "n").to_pandas()


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
