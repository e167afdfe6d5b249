"""Which sentence says what became of the lists, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import pandas as pd

from joren import text
from joren.actions.charts import list_name
from joren.actions.kpis import KPIS
from joren.actions.playbook import Play
from joren.actions.referral import LEAST as LEAST_REFERRED
from joren.actions.results import MISMATCH, ONE_ARM, OPEN, READ
from joren.actions.send_times import LEAST, SendTimes
from joren.campaigns.metrics import DEFAULT_KPI
from joren.lists.hold_out import CONTROL, TREAT
from joren.stats.effects import Effect

COUNTED = "common.counted"
Facts = dict[str, Any]


def named(action: str) -> Any:
    """A list's name, in each sentence in its language."""
    return text.named({lang: list_name(action, lang) for lang in text.LANGUAGES})


def drawn_sentence(lists: pd.DataFrame, people: int) -> Facts:
    """Who is to be contacted, and who is not and why.

    Parameters
    ----------
    lists : from `tables.lists_table`
    people : different customers on a list
    """
    names = ("no_consent", "over_cap", "other_list", "held_out")
    totals = {name: int(lists[name].sum()) for name in names}
    facts = {"n": int(lists.considered.sum()), "why_no_interval": COUNTED} | totals
    if not people:
        key = "actions.nobody" if facts["n"] else "actions.nobody_meets"
        return facts | {"key": key, "value": 0}
    return facts | {
        "key": "actions.drawn",
        "value": people,
        "lists": int((lists.listed > 0).sum()),
        "households": int(lists.same_household.sum()),
        "accent": True,
    }


def stake_sentence(lists: pd.DataFrame) -> Facts | None:
    """The list with most at stake; None where nobody is listed."""
    some = lists[lists.listed > 0]
    if some.empty:
        return None
    top = some.loc[some.at_stake.idxmax()]
    return {
        "key": "actions.at_stake",
        "value": float(top.at_stake),
        "lower": float(top.at_stake_lower),
        "upper": float(top.at_stake_upper),
        "n": int(top.listed),
        "list": named(top.action),
        "cost": float(top.cost),
    }


def gain_sentence(lists: pd.DataFrame) -> Facts:
    """The list that an experiment promises most, if its interval is above nothing.

    Only lists with a measured effect of their channels can gain; for all others the sentence says
    that no experiment backs them.
    """
    some = lists[lists.listed > 0]
    backed = some[some.gain.notnull()]
    if backed.empty:
        return {
            "key": "actions.no_experiment", "value": len(some), "n": int(some.listed.sum()),
            "why_no_interval": COUNTED,
        }  # fmt: skip
    top = backed.loc[backed.gain.idxmax()]
    key = "actions.gain" if top.gain_lower > 0 else "actions.gain_unsure"
    return {
        "key": key,
        "value": float(top.gain),
        "lower": float(top.gain_lower),
        "upper": float(top.gain_upper),
        "n": int(top.listed),
        "list": named(top.action),
        "experiments": str(top.experiments),
        "unbacked": len(some) - len(backed),
    }


def calls_sentence(lists: pd.DataFrame, plays: Sequence[Play], capacity: int) -> Facts | None:
    """How far the calls go; None where nobody is to be called."""
    called = lists[lists.action.isin([p.id for p in plays if p.calls_share is not None])]
    if not int(called.listed.sum() + called.held_out.sum()):
        return None
    return {
        "key": "actions.calls",
        "value": int(called.listed.sum()),
        "n": int(called.considered.sum()),
        "why_no_interval": COUNTED,
        "capacity": capacity,
        "held": int(called.held_out.sum()),
        "beyond": int(called.below_threshold.sum()),
    }


def test_sentence(lists: pd.DataFrame) -> Facts | None:
    """What the largest test of the run can show; None where nobody is held out.

    Parameters
    ----------
    lists : from `tables.lists_table`
    """
    known = lists.base.between(0.0, 1.0, "neither")
    tested = lists[(lists.held_out > 0) & (lists.listed > 0) & known]
    if tested.empty:
        return None
    # what two arms can show goes with the harmonic mean of their sizes
    size = tested.listed + tested.held_out
    top = tested.loc[(tested.listed * tested.held_out / size).idxmax()]
    n = int(top.listed + top.held_out)
    facts = {
        "n": n, "list": named(top.action), "held": int(top.held_out), "base": float(top.base),
        "readout": top.readout_on,
    }  # fmt: skip
    if pd.isna(top.detectable):
        return facts | {
            "key": "actions.test_too_small", "value": n, "why_no_interval": COUNTED
        }  # fmt: skip
    return facts | {
        "key": "actions.test", "value": float(top.detectable), "why_no_interval": "actions.planned"
    }  # fmt: skip


def results_sentences(results: pd.DataFrame) -> list[Facts]:
    """What became of earlier lists: a sentence each for what was read, and one for those open."""
    out: list[Facts] = []
    for list_id, rows in results.groupby("list_id", sort=True):
        found = rows.set_index("arm")
        status = found.status.iloc[0]
        action = str(list_id).rpartition("-")[0]
        known = text.has(f"actions.name.{action}")
        name = named(action) if known else str(list_id)
        n = int(rows.listed.sum())
        if status == READ:
            unclear = found.lower.iloc[0] <= 0 <= found.upper.iloc[0]
            out.append({
                "key": "actions.result_unchanged" if unclear else "actions.result",
                "value": float(found.effect.iloc[0]), "lower": float(found.lower.iloc[0]),
                "upper": float(found.upper.iloc[0]), "n": n, "list": name, "subject": list_id,
                "treated": found.ordered[TREAT] / found.listed[TREAT],
                "control": found.ordered[CONTROL] / found.listed[CONTROL],
                "reached": int(found.reached[TREAT]), "drawn": int(found.listed[TREAT]),
            })  # fmt: skip
            told = _kpi_sentence(found, name, str(list_id), n)
            out += [told] if told else []
        elif status in (ONE_ARM, MISMATCH):
            out.append({
                "key": f"actions.result_{status}", "value": n, "n": n, "list": name,
                "subject": list_id, "why_no_interval": COUNTED,
            })  # fmt: skip
    still = results[results.status == OPEN]
    if len(still):
        out.append({
            "key": "actions.results_open", "value": int(still.list_id.nunique()),
            "n": int(still.listed.sum()), "next": still.readout_on.min(),
            "why_no_interval": COUNTED,
        })  # fmt: skip
    return out


def _kpi_sentence(found: pd.DataFrame, name: Any, list_id: str, n: int) -> Facts | None:
    """What became of the list's own KPI; None where it is the share who ordered, told already."""
    kpi = found.kpi.iloc[0]
    if kpi == DEFAULT_KPI or pd.isna(found.kpi_lower.iloc[0]):
        return None
    unit = KPIS[kpi].unit
    unclear = found.kpi_lower.iloc[0] <= 0 <= found.kpi_upper.iloc[0]
    return {
        "key": f"actions.kpi_{'unchanged' if unclear else 'changed'}.{unit}",
        "value": float(found.kpi_effect.iloc[0]), "lower": float(found.kpi_lower.iloc[0]),
        "upper": float(found.kpi_upper.iloc[0]), "n": n, "list": name, "subject": list_id,
        "kpi": text.note(f"campaigns.metric.{kpi}"),
        "treated": float(found.kpi_value[TREAT]), "control": float(found.kpi_value[CONTROL]),
    }  # fmt: skip


def hours_sentence(staff: pd.DataFrame, people: int) -> Facts:
    """Where one more hour would reach most."""
    top = staff.sort_values(["shadow_price", "store", "role"], ascending=[False, True, True]).iloc[
        0
    ]
    return {
        "key": "actions.hours",
        "value": float(top.shadow_price),
        "lower": float(top.lower),
        "upper": float(top.upper),
        "n": people,
        "store": top.store,
        "hours": float(staff.used.sum()),
        "served": int(staff.customers.sum()),
    }


def send_sentence(times: SendTimes | None) -> Facts:
    """Who goes by her own time, and everybody's."""
    if times is None:
        return {"key": "actions.no_send_times", "value": 0, "n": 0, "why_no_interval": COUNTED}
    alike = all(strength == inf for strength in times.strength.values())
    return {
        "key": "actions.send_times_alike" if alike else "actions.send_times",
        "value": times.own,
        "n": times.customers,
        "moments": times.moments,
        "least": LEAST,
        "weekday": text.note(f"actions.weekday.{times.usual['weekday']}"),
        "hour": times.usual["hour"],
        "why_no_interval": COUNTED,
    }


def referral_sentence(effect: Effect) -> Facts:
    """What referred customers are worth beside others, or why that is not said."""
    if effect.n < LEAST_REFERRED:
        key = "actions.referral_few" if effect.n else "actions.no_referral"
        return {
            "key": key, "value": effect.n, "n": effect.n + effect.n_control,
            "least": LEAST_REFERRED, "why_no_interval": COUNTED,
        }  # fmt: skip
    more = effect.absolute.lower is not None and effect.absolute.lower > 0
    return {
        "key": "actions.referral" if more else "actions.referral_less",
        "value": effect.absolute.value,
        "lower": effect.absolute.lower,
        "upper": effect.absolute.upper,
        "n": effect.n + effect.n_control,
        "why_no_interval": "common.no_interval",
    }
