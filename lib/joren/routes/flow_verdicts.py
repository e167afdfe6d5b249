"""The sentences about flows: what goes on, what stops, and what comes next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from joren.routes.cross_sell import FEWEST
from joren.routes.subscription_flow import ALL
from joren.stats.shares import jeffreys

Sentence = tuple[str, dict[str, Any]]
LARGEST_Q = 0.1
COUNTED = {"why_no_interval": "common.counted"}


def missing(part: str, value: int = 0) -> Sentence:
    """Why a part is not there, which data would give it."""
    return f"flows.part_missing.{part}", {"value": value, "n": value, "subject": part} | COUNTED


def share_sentence(key: str, hits: float, n: float, interval: float, **facts: Any) -> Sentence:
    """A share of counted cases with its Jeffreys interval."""
    lower, upper = jeffreys(np.array([hits]), np.array([n]), interval)
    bounds = {"lower": float(lower[0]), "upper": float(upper[0])}
    return key, {"value": hits / n, "n": int(n)} | bounds | facts


def subscription_sentences(
    flow: pd.DataFrame, labels: dict[str, str], subscriptions: int, interval: float
) -> list[Sentence]:
    """What the subscription flow says, the headline first.

    Parameters
    ----------
    flow : the table `subscription_flow`
    labels : product → its name
    subscriptions : how many there are
    """
    whole = flow[flow.product_id == ALL]
    if whole.empty or whole.order_number.iloc[0] != 1:
        facts = {"value": subscriptions, "n": subscriptions} | COUNTED
        return [("flows.not_due_yet", facts)]
    first = whole.iloc[0]
    found: list[Sentence] = [(
        "flows.first_continues",
        {"value": first.continuation_rate, "lower": first.lower, "upper": first.upper,
         "n": int(first.at_risk), "naive": first.naive_rate, "accent": True},
    )]  # fmt: skip
    if whole.committed.sum():
        free = whole[whole.free_rate.notna()]
        at_risk = (free.at_risk - free.committed).sum()
        goes_on = (free.free_rate * (free.at_risk - free.committed)).sum()
        found.append(share_sentence("flows.free_continues", goes_on, at_risk, interval))
    totals = whole[["continued", "cancelled", "skipped", "paused", "payment", "open_now"]].sum()
    late = totals.skipped + totals.paused
    if late:
        found.append(share_sentence("flows.paused", late, totals.continued, interval))
    if totals.open_now:
        open_now = int(totals.open_now)
        found.append(("flows.open_now", {"value": open_now, "n": open_now} | COUNTED))
    if totals.cancelled:
        found.append(
            share_sentence("flows.payment_ends", totals.payment, totals.cancelled, interval)
        )
    return found + _reached_sentences(flow, labels)


def change_sentences(changes: pd.DataFrame, interval: float) -> list[Sentence]:
    """What became of subscriptions that went on otherwise than they began.

    Parameters
    ----------
    changes : the table `subscription_changes`
    """
    whole = changes[changes.product_id == ALL].set_index("kind")
    found = []
    for told, kinds in (("product", ["product"]), ("rhythm", ["longer", "shorter"]),
                        ("contract", ["contract"])):  # fmt: skip
        rows = whole.reindex(kinds)
        if rows.could.isna().all():
            found.append((f"flows.changes_unseen.{told}", {"value": 0, "n": 0} | COUNTED))
            continue
        facts = {kind: int(rows.changed[kind]) for kind in kinds} if len(kinds) > 1 else {}
        key = f"flows.change.{told}"
        found.append(share_sentence(key, rows.changed.sum(), rows.could.iloc[0], interval, **facts))
    return found


def _reached_sentences(
    flow: pd.DataFrame, labels: dict[str, str], order: int = 4
) -> list[Sentence]:
    rows = flow[(flow.order_number == order) & flow.reached.notna()]
    rows = rows[rows.product_id.isin(labels)].set_index("product_id")
    begun = flow[flow.order_number == 1].set_index("product_id").at_risk
    return [
        ("flows.course_reaches",
         {"value": row.reached, "lower": row.reached_lower, "upper": row.reached_upper,
          "n": int(begun[product]), "subject": product, "course": labels[product],
          "order": order})
        for product, row in rows.iterrows()
    ]  # fmt: skip


def second_purchase(flow: pd.DataFrame, horizon: int, customers: int) -> Sentence:
    """How many first-time buyers come back within the horizon."""
    first = flow[flow["product"].isna() & (flow.from_order == 1)]
    if first.empty:
        facts = {"value": customers, "n": customers, "days": horizon}
        return "flows.too_few_followed", facts | COUNTED
    row = first.iloc[0]
    return "flows.second_purchase", {
        "value": row.rate, "lower": row.lower, "upper": row.upper, "n": int(row.customers),
        "days": horizon, "median": row.median_days, "accent": True,
    }  # fmt: skip


def entry_sentence(entry: pd.DataFrame, names: dict[str, str]) -> Sentence:
    """The entry product whose customers are worth most, and whether beyond the interval."""
    named = entry[entry.product_id != ""]
    row = named.iloc[0]
    key = "flows.entry_above" if row.lower > row.centre else "flows.entry_level"
    return key, {
        "value": row["mean"], "lower": row.lower, "upper": row.upper, "n": int(row.customers),
        "product": names[row.product_id], "centre": row.centre,
    }  # fmt: skip


def leaving_sentence(leaving: pd.DataFrame, names: dict[str, str]) -> Sentence:
    """The product after which most customers do not come back, if any stands out."""
    found = leaving[(leaving.q_value <= LARGEST_Q) & (leaving.left > leaving.others)]
    row = (found if len(found) else leaving).iloc[0]
    key = "flows.leaving_most" if len(found) else "flows.leaving_none"
    return key, {
        "value": row.left, "lower": row.lower, "upper": row.upper, "n": int(row.customers),
        "product": names[row.product_id], "others": row.others,
    }  # fmt: skip


def repeat_sentence(mix: pd.DataFrame, names: dict[str, str]) -> Sentence | None:
    """The product most often bought again; None while none was watched for long enough."""
    told = mix[mix.repeat_rate.notna()]
    if told.empty:
        return None
    row = told.loc[told.repeat_rate.idxmax()]
    return "flows.repeat_most", {
        "value": row.repeat_rate, "lower": row.lower, "upper": row.upper,
        "n": int(row.customers), "product": names[row.product_id],
    }  # fmt: skip


def cross_sentence(pairs: pd.DataFrame, names: dict[str, str], tests: int) -> Sentence:
    """The pair that follows one another most beyond chance.

    Parameters
    ----------
    pairs : the table `cross_sell`
    tests : pairs compared
    """
    if pairs.empty:
        return "flows.cross_too_few", {"value": FEWEST, "n": 0} | COUNTED
    found = pairs[pairs.q_value <= LARGEST_Q]
    ranked = (found if len(found) else pairs).sort_values(
        ["q_value", "lift", "product", "next_product"], ascending=[True, False, True, True]
    )
    row = ranked.iloc[0]
    key = "flows.cross_most" if len(found) else "flows.cross_none"
    return key, {
        "value": row.lift, "lower": row.lower, "upper": row.upper, "n": int(row.of_customers),
        "product": names[row["product"]], "following": names[row.next_product],
        "customers": row.customers, "tests": tests, "found": len(found),
    }  # fmt: skip


def category_sentence(pairs: pd.DataFrame) -> Sentence:
    """The pair of categories with the largest lift whose interval is clear of 1, else the largest.

    Parameters
    ----------
    pairs : the table `cross_sell_categories`, not empty
    """
    clear = pairs[pairs.lower > 1]
    row = (clear if len(clear) else pairs).sort_values("lift", ascending=False).iloc[0]
    return "flows.cross_category", {
        "value": row.share, "lower": row.lower * row.expected, "upper": row.upper * row.expected,
        "n": int(row.of_customers), "product": row["product"], "following": row.next_product,
        "expected": row.expected,
    }  # fmt: skip


def onboarded(funnel: pd.DataFrame, window: int) -> Sentence:
    """How many of those who register buy twice within the window."""
    row = funnel[(funnel.month == ALL) & (funnel.step == "second_order")].iloc[0]
    return "flows.onboarded", {
        "value": row.rate, "lower": row.lower, "upper": row.upper, "n": int(row.customers),
        "days": window, "accent": True,
    }  # fmt: skip
