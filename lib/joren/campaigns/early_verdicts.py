"""The sentences about early looks: no verdict but where the interval of all looks excludes zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from joren import text
from joren.campaigns.early import EarlyLook
from joren.campaigns.plan import Plan
from joren.campaigns.verdicts import COUNTED, SPECS, Sentence, label_of, who


def early_sentence(look: EarlyLook, plan: Plan) -> Sentence | None:
    """What can be said of an arm before its days are over; None where arms are not as planned."""
    effect, metric = look.effect, look.reading.metric
    if effect is None:
        return None
    facts: dict[str, Any] = {
        "n": look.n + look.n_control, "who": who(plan, look.arm), "seen": look.days_seen,
        "days": look.days, "what": label_of(metric, look.reading.planned), "last": plan.last_day,
        "subject": f"{plan.campaign_id}:{look.arm}:{metric.id}",
    }  # fmt: skip
    value, low, high = effect.absolute.value, effect.absolute.lower, effect.absolute.upper
    if low is None or high is None:
        return "campaigns.early.few", facts | {"value": look.days_seen} | COUNTED
    facts |= {"spec": SPECS[metric.unit], "unit": text.note(f"campaigns.unit.{metric.unit}")}
    if high < 0:  # the verb carries the sign
        return "campaigns.early.lowered", facts | {"value": -value, "lower": -high, "upper": -low}
    told = "raised" if low > 0 else "open"
    return f"campaigns.early.{told}", facts | {"value": value, "lower": low, "upper": high}


def early_overview(looks: Sequence[EarlyLook], plans: Mapping[str, Plan]) -> pd.DataFrame:
    """One row a look, values written in the unit of their metric."""
    rows = []
    for look in looks:
        metric, absolute = look.reading.metric, look.effect.absolute if look.effect else None
        spec = SPECS[metric.unit]
        told = {
            name: text.format_value(getattr(absolute, of, None), spec, "en", "JPY")
            for name, of in (("effect", "value"), ("lower", "lower"), ("upper", "upper"))
        }
        key = f"campaigns.metric.{metric.id}"
        rows.append({
            "campaign": plans[look.reading.campaign_id].name, "arm": look.arm,
            "kpi": key if text.has(key) else metric.id, "seen": look.days_seen,
            "days": look.days, "n": look.n, "n_control": look.n_control,
        } | told)  # fmt: skip
    return pd.DataFrame(rows)
