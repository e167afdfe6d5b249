"""What a list is worth: the value at stake, and where an experiment backs it, what it gains.

Value at stake is what these customers are expected to bring, or to take away when they leave; a
list changes some unknown part of it. Only a randomised campaign on the same channel tells what a
contact adds: its effect on margin a customer assigned, taken over to this list. That the effect
would be the same for these customers is an assumption, said beside the figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import ibis.expr.types as ir
import pandas as pd
from ibis import _
from scipy.stats import norm

from joren.actions.playbook import Play
from joren.lists.draw import HELD_OUT, LISTED
from joren.params_actions import UnitCosts

GRADES = ("A", "B", "C")
_KINDS = {"dm": "dm", "mail": "email", "line": "line"}  # campaign's kind → channel


@dataclass(frozen=True)
class ChannelEffect:
    """Margin that a contact on a channel added a customer assigned, in currency."""

    channel: str
    campaign_id: str
    effect: float
    lower: float
    upper: float
    n: int


def channel_effects(readout: ir.Table, campaigns: ir.Table) -> dict[str, ChannelEffect]:
    """The newest randomised campaign of each channel whose readout carries a grade A to C.

    Campaigns that give something beside the contact (points, coupons) tell of the gift too and are
    left out; so are those with several arms.

    Parameters
    ----------
    readout : table experiment_readout
    campaigns : canonical/campaigns
    """
    whole = readout.filter(
        (_.metric == "margin") & (_.segment == "all") & _.grade.isin(GRADES) & _.lower.notnull()
    )
    named = whole.inner_join(campaigns, "campaign_id").filter(_.kind.isin(list(_KINDS)))
    rows = named.select(
        "campaign_id", "arm", "kind", "ends_on", "effect", "lower", "upper",
        n=named.n + named.n_control,
    ).order_by("ends_on", "campaign_id").to_pyarrow().to_pylist()  # fmt: skip
    arms = pd.Series([row["campaign_id"] for row in rows]).value_counts()
    return {
        _KINDS[row["kind"]]: ChannelEffect(
            _KINDS[row["kind"]], row["campaign_id"], row["effect"], row["lower"], row["upper"],
            row["n"],
        )
        for row in rows
        if arms[row["campaign_id"]] == 1
    }  # fmt: skip


def list_worth(
    drawn: ir.Table,
    plays: Sequence[Play],
    effects: Mapping[str, ChannelEffect],
    costs: UnitCosts,
    interval: float,
) -> pd.DataFrame:
    """A row a list: who is on it, what is at stake, what it costs, what it gains.

    The interval of a value at stake adds customers up as independent where each has a predictive
    spread, and end to end where the interval is the model's (all may be off together). That of a
    gain adds customers of a channel end to end, since one measured effect holds for all of them,
    and channels as independent.

    Parameters
    ----------
    drawn : from `drawing.draw`
    effects : from `channel_effects`

    Returns
    -------
    action, listed, held_out, at_stake, at_stake_lower, at_stake_upper (of who is listed), cost,
    gain, gain_lower, gain_upper (margin after contacts; null without an experiment for every
    channel used), experiments (campaign IDs), in the playbook's order
    """
    sums = drawn.filter(drawn.standing.isin([HELD_OUT, LISTED]))
    sums = sums.group_by("action", "standing", "channel").agg(
        n=_.count(),
        # rounded before they are added: a float's sum hangs on the order of its rows
        **{
            name: _[name].fill_null(0.0).round(6).cast("decimal(30, 6)").sum().cast("float64")
            for name in ("value", "value_lower", "value_upper")
        },
        variance=(_.value_sd**2).round(6).cast("decimal(38, 6)").sum().cast("float64"),
    )
    rows = sums.order_by("action", "standing", "channel").to_pandas()
    reach = float(norm.ppf(0.5 + interval / 2))
    out = [_worth(play, rows[rows.action == play.id], effects, costs, reach) for play in plays]
    return pd.DataFrame(out)


def order_chances(drawn: ir.Table, ltv: ir.Table, days: int) -> dict[str, float]:
    """The share of each list, hold-out included, expected to order anyway within its readout.

    Parameters
    ----------
    days : of the readout; the model's horizon of so many days, 90 where it has none
    """
    name = f"p_order_{days}d" if f"p_order_{days}d" in ltv.columns else "p_order_90d"
    chosen = drawn.filter(drawn.standing.isin([HELD_OUT, LISTED]))
    joined = chosen.select("customer_id", "action").inner_join(ltv, "customer_id")
    chance = joined[name].round(9).cast("decimal(30, 9)").sum().cast("float64") / joined.count()
    rows = joined.group_by("action").agg(chance=chance).order_by("action")
    return {row["action"]: row["chance"] for row in rows.to_pyarrow().to_pylist()}


def _worth(
    play: Play,
    rows: pd.DataFrame,
    effects: Mapping[str, ChannelEffect],
    costs: UnitCosts,
    reach: float,
) -> dict[str, object]:
    listed = rows[rows.standing == LISTED]
    total = float(listed.value.sum())
    if play.at_stake == "ltv_365d":
        half = reach * sqrt(float(listed.variance.sum()))
        lower, upper = max(total - half, 0.0), total + half
    else:
        lower, upper = float(listed.value_lower.sum()), float(listed.value_upper.sum())
    by_channel = {row.channel: int(row.n) for row in listed.itertuples()}
    cost = sum(n * (getattr(costs, name) + play.offer_cost) for name, n in by_channel.items())
    found = {
        "action": play.id,
        "listed": int(listed.n.sum()),
        "held_out": int(rows[rows.standing == HELD_OUT].n.sum()),
        "at_stake": total,
        "at_stake_lower": lower,
        "at_stake_upper": upper,
        "cost": float(cost),
    }
    return found | _gain(by_channel, effects, cost)


def _gain(
    by_channel: Mapping[str, int], effects: Mapping[str, ChannelEffect], cost: float
) -> dict[str, object]:
    if not by_channel or set(by_channel) - set(effects):
        nothing = float("nan")
        return {"gain": nothing, "gain_lower": nothing, "gain_upper": nothing, "experiments": ""}
    used = [(n, effects[name]) for name, n in sorted(by_channel.items())]
    gain = sum(n * effect.effect for n, effect in used) - cost
    below = sqrt(sum((n * (effect.effect - effect.lower)) ** 2 for n, effect in used))
    above = sqrt(sum((n * (effect.upper - effect.effect)) ** 2 for n, effect in used))
    return {
        "gain": gain,
        "gain_lower": gain - below,
        "gain_upper": gain + above,
        "experiments": ", ".join(sorted({effect.campaign_id for _n, effect in used})),
    }
