"""What it is worth to treat everybody: expected gain, chance of a loss, worth of knowing more.

Of campaigns that cost contacts. What a campaign that grants points is worth after its points is
told by stage 02, which knows what became of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from joren.campaigns.arms import Arms
from joren.campaigns.coupons import NONE, Coupons
from joren.campaigns.plan import Plan
from joren.campaigns.readout import Row
from joren.campaigns.segments import ALL
from joren.campaigns.verdicts import who
from joren.stats.decision import Decision, Stakes, decide

Sentence = tuple[str, dict[str, Any]]


def margin_rows(
    rows: Iterable[Row], plans: dict[str, Plan], grants: Callable[[Plan], bool]
) -> list[Row]:
    """The effects on margin that money can be decided on: randomised, with an error, no points.

    Parameters
    ----------
    grants : whether a campaign grants points
    """
    return [
        row
        for row in rows
        if (row.reading.metric.id, row.segment, row.grade) == ("margin", ALL, "A")
        and row.effect is not None
        and row.effect.absolute.se
        and not grants(plans[row.reading.campaign_id])
    ]


def worth_of(row: Row, plan: Plan, arms: Arms, level: float, redeemed: Coupons = NONE) -> Decision:
    """What it brings to treat all who were assigned, the hold-out too.

    Parameters
    ----------
    row : the arm's effect on margin
    level : of the interval
    redeemed : coupons of the arm; margins bear a part of them already
    """
    coupons = float((redeemed.cost - redeemed.borne) / row.n)
    stakes = Stakes(arms.n, 1.0, plan.unit_cost + coupons, plan.fixed_cost)
    effect = row.effect.absolute
    return decide(effect.value, effect.se, stakes, level)


def worth_sentence(row: Row, plan: Plan, arms: Arms, found: Decision) -> Sentence:
    """The decision in money, in one sentence."""
    key = "roll_out" if found.lower > 0 else "leave" if found.upper < 0 else "unsure"
    return f"campaigns.worth.{key}", {
        "value": found.expected_gain, "lower": found.lower, "upper": found.upper,
        "n": row.n + row.n_control, "who": who(plan, row.arm), "people": arms.n,
        "p_loss": found.p_loss, "certainty_worth": found.value_of_certainty,
        "subject": f"{plan.campaign_id}:{row.arm}",
    }  # fmt: skip


def worth_sentences(
    rows: Sequence[Row],
    plans: dict[str, Plan],
    arms: dict[str, Arms],
    level: float,
    coupons: Mapping[tuple[str, str], Coupons] | None = None,
) -> list[Sentence]:
    """A sentence an arm, see `worth_sentence`; coupons redeemed by (campaign, arm)."""
    sentences = []
    for row in rows:
        name = row.reading.campaign_id
        redeemed = (coupons or {}).get((name, row.arm), NONE)
        found = worth_of(row, plans[name], arms[name], level, redeemed)
        sentences.append(worth_sentence(row, plans[name], arms[name], found))
    return sentences
