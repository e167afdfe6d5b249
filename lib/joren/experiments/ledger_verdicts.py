"""The sentences of the ledger: each campaign in one, what all say together, what wears out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from joren import text
from joren.campaigns.charts import segment_label
from joren.experiments.drift import LEAST_CAMPAIGNS, Drift
from joren.experiments.ledger import Entry, Ledger
from joren.experiments.ledger_table import said_of

Sentence = tuple[str, dict[str, Any]]
COUNTED = {"why_no_interval": "common.counted"}
_LATE = ("edited", "withdrawn")
_TOLD = ("roll_out", "test_again", "stop", "unproven", "unread", "edited", "running")


def entry_sentence(entry: Entry, currency: str) -> Sentence:
    """A campaign in one sentence: decision, result, state of its plan, next step."""
    said = {language: said_of(entry, language, currency) for language in text.LANGUAGES}

    def named(what: str) -> text.Note:
        return text.named({language: said[language][what] or "" for language in text.LANGUAGES})

    row = entry.row
    facts = {
        "name": entry.plan.name, "subject": entry.plan.campaign_id,
        "decision": named("decision"), "result": named("result"), "next": named("next_step"),
        "status": text.note(f"campaigns.status.{entry.status}"),
        "accent": entry.decided in ("roll_out", "stop"),
        "n": row["n"] + row["n_control"] if row else 0,
    }  # fmt: skip
    own = entry.shrunken
    if own is None:
        return "pdca.entry_counted", facts | {"value": facts["n"]} | COUNTED
    interval = {"value": own.value, "lower": own.lower, "upper": own.upper}
    return "pdca.entry", facts | interval


def ledger_sentences(ledger: Ledger) -> list[Sentence]:
    """What campaigns say together, which were re-planned late, and which are too weak to count."""
    sentences: list[Sentence] = []
    shrunken = [entry for entry in ledger.entries if entry.shrunken]
    if ledger.pooled is not None:
        n = len(ledger.pooled.effects)
        for key, told in (("pooled", ledger.pooled.mean), ("prior", ledger.pooled.next)):
            interval = {"value": told.value, "lower": told.lower, "upper": told.upper}
            sentences.append((f"pdca.{key}", interval | {"n": n, "accent": key == "pooled"}))
    told = {kind: sum(entry.decided == kind for entry in ledger.entries) for kind in _TOLD}
    facts = {"value": len(ledger.entries), "n": len(ledger.entries)} | told
    sentences.append(("pdca.summary", facts | COUNTED))
    late = [entry for entry in ledger.entries if entry.status in _LATE]
    weak = [entry for entry in ledger.entries if entry.row and entry.row["grade"] == "D"]
    for key, own in (("edited", late), ("weak", weak)):
        if own:
            names = "、".join(entry.plan.name for entry in own)
            facts = {"value": len(own), "n": len(ledger.entries), "names": names, "accent": True}
            sentences.append((f"pdca.{key}", facts | COUNTED))
    for entry in ledger.entries:
        sentences += _coupon_sentences(entry)
    for entry in shrunken:
        if entry.roi:
            value, lower, upper = entry.roi
            row = entry.row or {}
            sentences.append((
                "pdca.roi",
                {"value": value, "lower": lower, "upper": upper,
                 "n": row["n"] + row["n_control"], "name": entry.plan.name, "arm": row["arm"],
                 "subject": entry.plan.campaign_id},
            ))  # fmt: skip
    return sentences


def _coupon_sentences(entry: Entry) -> list[Sentence]:
    """What an arm's coupons cost, and how many are no part of it since nobody tells their value."""
    own, row = entry.coupons, entry.row
    if row is None or not own.redeemed + own.untold:
        return []
    facts = {"n": row["n"], "name": entry.plan.name, "arm": row["arm"], "redeemed": own.redeemed,
             "untold": own.untold, "subject": entry.plan.campaign_id} | COUNTED  # fmt: skip
    told = "coupons_untold" if own.untold else "coupons"
    return [(f"pdca.{told}", facts | {"value": float(own.cost)})]


def drift_sentences(found: Sequence[Drift], campaigns: int) -> list[Sentence]:
    """Segments on which campaigns wear out, or that none can be told.

    Parameters
    ----------
    campaigns : with a random hold-out
    """
    if not found:
        facts = {"value": campaigns, "n": campaigns, "least": LEAST_CAMPAIGNS}
        return [("pdca.drift.thin", facts | COUNTED)]
    alarms = [one for one in found if one.alarm]
    sentences: list[Sentence] = [(
        "pdca.drift.none",
        {"value": len(alarms), "n": len(found), "campaigns": campaigns} | COUNTED,
    )]  # fmt: skip
    for one in alarms:
        label = {lang: segment_label(one.segment, lang) for lang in text.LANGUAGES}
        facts = {"value": one.slope, "lower": one.lower, "upper": one.upper, "n": one.campaigns}
        facts |= {"segment": text.named(label), "subject": one.segment, "accent": True}
        sentences.append(("pdca.drift.alarm", facts))
    return sentences


def ledger_overview(ledger: Ledger, currency: str) -> pd.DataFrame:
    """One row a campaign: name, starts_on, kpi, result, grade, status, decision, next_step.

    The newest stands first: where there is no room for all, the oldest are left out.
    """
    rows = []
    for entry in reversed(ledger.entries):
        said = {language: said_of(entry, language, currency) for language in text.LANGUAGES}
        told = {
            name: text.named({lang: said[lang][name] or "–" for lang in text.LANGUAGES})
            for name in ("kpi", "result", "decision", "next_step")
        }
        rows.append(
            told
            | {
                "name": entry.plan.name,
                "starts_on": entry.plan.starts_on,
                "grade": entry.row["grade"] if entry.row else "–",
                "status": f"campaigns.status.{entry.status}",
            }
        )
    # pandas would make plain strings of what knows its languages
    return pd.DataFrame(rows, dtype=object)
