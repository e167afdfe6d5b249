"""The sentences about weather, stock and channels."""

from __future__ import annotations

import pandas as pd

from joren.routes.contact_contribution import WINDOW
from joren.routes.flow_verdicts import COUNTED, Sentence
from joren.routes.stock import COVER_DAYS
from joren.routes.weather import ALL, Money
from joren.text import has


def rain_sentence(effect: pd.DataFrame) -> Sentence:
    """What rain does to a typical shop, or to the only one.

    Parameters
    ----------
    effect : the table `weather_uplift`, not empty
    """
    whole = effect[effect.store == ALL]
    row = (whole if len(whole) else effect).iloc[0]
    facts = {"n": int(row.days), "accent": True}
    if row.upper < 0:
        return "flows.rain.less", facts | {
            "value": -row.change, "lower": -row.upper, "upper": -row.lower
        }  # fmt: skip
    key = "flows.rain.more" if row.lower > 0 else "flows.rain.level"
    return key, facts | {"value": row.change, "lower": row.lower, "upper": row.upper}


def trigger_sentences(rule: pd.DataFrame, money: Money) -> list[Sentence]:
    """How often the rain rule would have fired, and what it has to bring.

    Parameters
    ----------
    rule : the table `weather_trigger`, not empty
    """
    fired, days = int(rule.fired.sum()), int(rule.days.sum())
    stated = {"n": days, "why_no_interval": "flows.a_calculation"}
    found: list[Sentence] = [("flows.trigger_fired", {"value": fired, "n": days} | COUNTED)]
    needed = rule.needed_uplift.iloc[0]
    if needed != needed:
        return [*found, ("flows.trigger_never", {"value": money.margin_rate} | stated)]
    facts = {"value": needed, "margin": money.margin_rate, "rate": money.point_rate}
    return [*found, ("flows.trigger_needed", facts | stated)]


def stock_sentences(cover: pd.DataFrame, candidates: int) -> list[Sentence]:
    """How much is overstocked, what it cost, and for how many products there are candidates.

    Parameters
    ----------
    cover : the table `stock_cover`, not empty
    candidates : rows of `stock_candidates`
    """
    over = cover[cover.overstocked]
    offered = over[(over.largest_discount > 0) & over.category.notna()]
    counted = {"n": len(cover)} | COUNTED
    found: list[Sentence] = [
        ("flows.overstocked", {"value": len(over), "days": COVER_DAYS} | counted)
    ]
    known = over.money_bound.dropna()
    if len(known):
        facts = {"value": float(known.sum()), "n": len(known), "accent": True} | COUNTED
        found.append(("flows.overstock_money", facts))
    if len(over) > len(offered):
        left_out = len(over) - len(offered)
        found.append(("flows.no_room", {"value": left_out, "n": len(over)} | COUNTED))
    if len(offered):
        facts = {"value": candidates, "n": candidates, "products": len(offered)} | COUNTED
        found.append(("flows.candidates", facts))
    return found


def preference_sentence(preference: pd.DataFrame) -> Sentence:
    """The channel most of the most valuable tenth prefer.

    Parameters
    ----------
    preference : the table `channel_preference` by tenth
    """
    best = preference[preference.group_name == preference.group_name.min()]
    row = best.loc[best.share.idxmax()]
    key = f"flows.preference.{row.channel}"
    return key if has(key) else "flows.preference.other", {
        "value": row.share, "lower": row.lower, "upper": row.upper, "n": int(row.customers),
        "channel": row.channel,
    }  # fmt: skip


def contact_sentence(contribution: pd.DataFrame) -> Sentence:
    """The kind of contact after which customers order most more often than their like.

    Parameters
    ----------
    contribution : the table `channel_contribution`, not empty
    """
    above = contribution[contribution.lower > 0]
    chosen = above if len(above) else contribution
    row = chosen.sort_values("difference", ascending=False).iloc[0]
    key = "flows.contact_most" if len(above) else "flows.contact_none"
    return key, {
        "value": 100 * row["difference"], "lower": 100 * row.lower, "upper": 100 * row.upper,
        "n": int(row.customers), "touchpoint": row.touchpoint, "ordered": row.ordered,
        "days": WINDOW,
    }  # fmt: skip
