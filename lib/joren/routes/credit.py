"""The table `attribution`: credit of every touchpoint under every model, with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from joren.routes.attribution import Credit
from joren.routes.bootstrap import Draws
from joren.routes.chain import Counts
from joren.stats.arrays import Array


def credit_table(
    counts: Counts,
    chains: dict[int, Credit],
    rules: dict[str, tuple[Array, Array]],
    draws: Draws | None,
    names: dict[int, str],
    chosen: int,
    interval: float,
) -> pd.DataFrame:
    """One row per touchpoint and model.

    Parameters
    ----------
    counts : what the chains were made of
    chains : order → credit
    rules : rule → (conversions, value); from `heuristics.credit_by_rule`
    draws : from `bootstrap.bootstrap`; None leaves intervals empty
    names : code → touchpoint; only touchpoints that are in a journey have rows
    chosen : the order `order_choice` chose

    Returns
    -------
    touchpoint; model (first, last, linear, shapley, markov_<k>); share (of conversions), lower,
    upper (interval of the share); conversions; value (in the client's currency), value_lower,
    value_upper; removal_effect (share of conversions lost without it, chains only); chosen
    """
    won, worth = counts.converted.sum(), counts.value.sum()
    met = np.unique(counts.grams % counts.base)
    rows = []
    for k, credit in chains.items():
        rows += _rows(f"markov_{k}", credit.share, credit.share * won, credit.share_value * worth,
                      met, names, draws, interval, credit.effect, k == chosen)  # fmt: skip
    for rule, (conversions, value) in rules.items():
        share = conversions / conversions.sum() if conversions.sum() else conversions
        rows += _rows(rule, share, conversions, value, met, names, draws, interval)
    return pd.DataFrame(rows)


def _rows(
    model: str,
    share: Array,
    conversions: Array,
    value: Array,
    met: Array,
    names: dict[int, str],
    draws: Draws | None,
    interval: float,
    effect: Array | None = None,
    chosen: bool = False,
) -> list[dict]:
    tails = [(1 - interval) / 2, (1 + interval) / 2]
    reach = {"share": np.full((2, len(share)), np.nan), "value": np.full((2, len(share)), np.nan)}
    if draws is not None:
        reach["share"] = np.quantile(draws.share[model], tails, axis=0)
        reach["value"] = np.quantile(draws.value[model], tails, axis=0)
    return [
        {
            "touchpoint": names[int(code)],
            "model": model,
            "share": float(share[code - 1]),
            "value": float(value[code - 1]),
            "lower": reach["share"][0, code - 1],
            "upper": reach["share"][1, code - 1],
            "conversions": float(conversions[code - 1]),
            "value_lower": reach["value"][0, code - 1],
            "value_upper": reach["value"][1, code - 1],
            "removal_effect": None if effect is None else float(effect[code - 1]),
            "chosen": chosen,
        }
        for code in met
    ]


def beside_rules(table: pd.DataFrame) -> pd.DataFrame:
    """The chosen chain's credit, with that of the rules in columns of their names.

    Returns
    -------
    the chosen rows, largest share first; first, last, linear, shapley (shares)
    """
    chosen = table[table.chosen]
    rules = table[~table.model.str.startswith("markov")]
    wide = rules.pivot(index="touchpoint", columns="model", values="share").reset_index()
    return chosen.merge(wide, on="touchpoint").sort_values(
        ["share", "touchpoint"], ascending=[False, True], ignore_index=True
    )
