"""What became of earlier lists: the arms as drawn, what was reported back, orders in the window.

Everybody drawn counts, whether reached or not: the comparison is of arms, not of those who answered
the phone. Effects are shown once a list's days are over, and only if both arms are as large as
drawn (sample-ratio test).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.lists.hold_out import CONTROL, TREAT
from joren.merged_ids import todays_ids
from joren.stats.effects import mean_effect, rate_effect
from joren.stats.moments import from_record, of_counts
from joren.stats.srm import sample_ratio

OPEN, READ, ONE_ARM, MISMATCH = "open", "read", "one_arm", "mismatch"
COLUMNS = (
    "list_id", "campaign_id", "arm", "assigned_at", "readout_on", "status", "listed", "reached",
    "outcomes", "ordered", "value", "effect", "lower", "upper", "value_effect", "value_lower",
    "value_upper", "srm_p",
)  # fmt: skip


def drawn_before(
    con: Backend,
    log: ir.Table,
    history: ir.Table,
    identity_map: ir.Table,
    readout_days: Mapping[str, int],
    otherwise: int,
    as_of: date,
) -> ir.Table:
    """Everybody drawn for a list before this run, by today's IDs.

    Who merged with somebody of the other arm is in neither and left out.

    Parameters
    ----------
    log : state log list_assignments
    readout_days : action → days whose orders count; `otherwise` for other lists

    Returns
    -------
    list_id, campaign_id, customer_id, arm, assigned_at, planned_share, first_day, last_day
    """
    past = log.filter(log.assigned_at < ibis.literal(as_of + timedelta(days=1)).cast("timestamp"))
    named = past.inner_join(todays_ids(past, history, identity_map), "customer_id")
    named = named.filter(_.today.notnull())
    one = named.group_by("list_id", customer_id=named.today).agg(
        campaign_id=_.campaign_id.min(),
        arm=_.arm.min(),
        arms=_.arm.nunique(),
        assigned_at=_.assigned_at.min(),
        planned_share=_.planned_share.min(),
    )
    action = one.list_id.re_replace("-[0-9]{8}$", "")
    days = action.cases(*sorted(readout_days.items()), else_=otherwise) if readout_days else (
        ibis.literal(otherwise)
    )  # fmt: skip
    first = one.assigned_at.date()
    kept = one.mutate(first_day=first, last_day=first + (days - 1).cast("int64").as_interval("D"))
    kept = kept.filter(_.arms == 1).drop("arms")
    return keep(con, "drawn_before", kept.mutate(last_day=kept.last_day.cast("date")))


def arms_of_lists(
    drawn: ir.Table,
    counted: ir.Table,
    contacts: ir.Table,
    outcomes: ir.Table,
    identity_map: ir.Table,
) -> pd.DataFrame:
    """A row a list and arm: how many were drawn and reached, and what they ordered.

    Parameters
    ----------
    drawn : from `drawn_before`
    counted : from `purchases.counted_orders`
    contacts, outcomes : canonical tables; an outcome bears a customer or a source record
    """
    key = ["list_id", "customer_id"]
    orders = counted.filter(_.customer_id.notnull())
    in_days = drawn.inner_join(orders, "customer_id").filter(
        (_.day >= _.first_day) & (_.day <= _.last_day)
    )
    bought = in_days.group_by(key).agg(bought=_.is_purchase.any(), worth=_.value.sum())
    owners = identity_map.select("source", "source_id", owner="customer_id")
    told = outcomes.left_join(owners, ["source", "source_id"])
    told = told.mutate(customer_id=ibis.coalesce(told.customer_id, told.owner))
    told = told.select("list_id", "customer_id").filter(_.customer_id.notnull()).distinct()
    sent = contacts.inner_join(identity_map, ["source", "source_id"])
    sent = drawn.inner_join(sent.select("customer_id", "occurred_at"), "customer_id")
    days = sent.occurred_at.date()
    sent = sent.filter((days >= sent.first_day) & (days <= sent.last_day)).select(key).distinct()
    rows = drawn
    for name, part in (("told", told), ("sent", sent)):
        marked = part.mutate(**{name: True})
        rows = rows.left_join(marked, key).drop("list_id_right", "customer_id_right")
    rows = rows.left_join(bought, key).drop("list_id_right", "customer_id_right")
    value = rows.worth.fill_null(0)
    rows = rows.mutate(
        value=value, square=value.cast("decimal(18, 2)") * value.cast("decimal(18, 2)")
    )
    groups = ["list_id", "campaign_id", "arm", "assigned_at", "planned_share", "last_day"]
    sums = rows.group_by(groups).agg(
        listed=_.count(),
        reached=(_.told.fill_null(False) | _.sent.fill_null(False)).sum(),
        outcomes=_.told.fill_null(False).sum(),
        ordered=_.bought.fill_null(False).sum(),
        total=_.value.sum().cast("decimal(38, 2)"),
        squares=_.square.cast("decimal(38, 4)").sum().cast("decimal(38, 4)"),
    )
    return sums.order_by("list_id", "arm").to_pandas()


def results_table(arms: pd.DataFrame, as_of: date, interval: float) -> pd.DataFrame:
    """Table `action_results`: each arm of each earlier list, and the treated beside the control.

    Parameters
    ----------
    arms : from `arms_of_lists`
    """
    rows = []
    for _list_id, of_list in arms.groupby("list_id", sort=True):
        found = {row["arm"]: row for row in of_list.to_dict("records")}
        compared = _compared(found, as_of, interval)
        for arm, row in sorted(found.items()):
            last_day = pd.Timestamp(row["last_day"]).date()
            rows.append({
                "list_id": row["list_id"], "campaign_id": row["campaign_id"], "arm": arm,
                "assigned_at": row["assigned_at"], "readout_on": last_day + timedelta(days=1),
                "listed": int(row["listed"]), "reached": int(row["reached"]),
                "outcomes": int(row["outcomes"]), "ordered": int(row["ordered"]),
                "value": float(row["total"]),
                **compared,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(found: dict[str, dict], as_of: date, interval: float) -> dict[str, object]:
    nothing = dict.fromkeys(
        ("effect", "lower", "upper", "value_effect", "value_lower", "value_upper", "srm_p")
    )
    first = next(iter(found.values()))
    if pd.Timestamp(first["last_day"]).date() > as_of:
        return nothing | {"status": OPEN}
    if set(found) != {CONTROL, TREAT}:
        return nothing | {"status": ONE_ARM}
    sizes = {arm: int(row["listed"]) for arm, row in found.items()}
    held = float(first["planned_share"])
    srm = sample_ratio(sizes, {CONTROL: held, TREAT: 1 - held}) if 0 < held < 1 else None
    if srm is not None and srm.mismatch:
        return nothing | {"status": MISMATCH, "srm_p": srm.p}
    rate = rate_effect(
        *(of_counts(sizes[arm], int(found[arm]["ordered"])) for arm in (TREAT, CONTROL)), interval
    )
    money = mean_effect(
        *(
            from_record({"n": sizes[arm], **{k: found[arm][k] for k in ("total", "squares")}})
            for arm in (TREAT, CONTROL)
        ),
        interval,
    )
    return {
        "status": READ,
        "effect": rate.absolute.value,
        "lower": rate.absolute.lower,
        "upper": rate.absolute.upper,
        "value_effect": money.absolute.value,
        "value_lower": money.absolute.lower,
        "value_upper": money.absolute.upper,
        "srm_p": None if srm is None else srm.p,
    }
