"""The true effects of campaigns and touchpoints, from both potential outcomes of everybody."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from joren.simulate.touchpoints import (
    COMPLAINT_DAYS,
    COMPLAINT_ENDS,
    EVENT_FACTOR,
    IDLE,
    LINE_FACTOR,
)

_CAMPAIGN_EFFECTS = """
WITH judged AS (
    SELECT campaign_id, arm, segment, extra_orders, extra_amount,
        (base_orders + extra_orders > 0)::INT - (base_orders > 0)::INT AS extra_response
    FROM outcomes
), summed AS (
    SELECT campaign_id, arm, coalesce(segment, 'all') AS segment, count(*) AS n,
        avg(extra_response) AS response_rate, avg(extra_orders) AS orders,
        avg(extra_amount) AS revenue
    FROM judged GROUP BY GROUPING SETS ((campaign_id, arm, segment), (campaign_id, arm))
)
SELECT campaign_id, arm, segment, metric, effect, n
FROM summed UNPIVOT (effect FOR metric IN (response_rate, orders, revenue))
ORDER BY ALL
"""

_CHURN_EFFECTS = """
WITH lives AS (
    SELECT touchpoint,
        coalesce(died_at, TIMESTAMP '9999-01-01') - occurred_at AS lasts,
        coalesce(died_at_without, TIMESTAMP '9999-01-01') - occurred_at AS lasts_without
    FROM exposures
), spans AS (SELECT unnest([30, 90, 180, 365]) AS days)
SELECT touchpoint, 'churn_' || days || 'd' AS what,
    avg((lasts <= to_days(days))::INT - (lasts_without <= to_days(days))::INT) AS effect,
    count(*) AS n
FROM lives, spans GROUP BY touchpoint, days ORDER BY touchpoint, days
"""

_STATED = {
    ("event_checkin", "lifetime_factor"): EVENT_FACTOR,
    ("line_add", "remaining_lifetime_factor"): LINE_FACTOR,
    ("complaint", f"ends_within_{COMPLAINT_DAYS}d"): COMPLAINT_ENDS,
    **{(touchpoint, "lifetime_factor"): 1.0 for touchpoint in IDLE},
    **{(touchpoint, "lifetime_factor"): 1.0 for touchpoint in ("line_click", "mail_open")},
}


def campaign_effects(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Mean effect of each treatment over the people assigned, treated or not.

    Parameters
    ----------
    con : holds a table `outcomes`, all chunks together

    Returns
    -------
    campaign_id, arm, segment (`all` too), metric (response_rate, orders, revenue), effect per
    assigned person, n
    """
    return con.sql(_CAMPAIGN_EFFECTS).to_arrow_table()


def route_effects(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """What each touchpoint does to the relationship.

    Parameters
    ----------
    con : holds a table `exposures`, all chunks together

    Returns
    -------
    touchpoint, what, effect, n: the generator's stated parameters (n null), and `churn_90d` and
    the like: the share of those who met the touchpoint that is gone so many days later, less the
    share that would be gone without it
    """
    stated = pa.table(
        {
            "touchpoint": [touchpoint for touchpoint, _ in _STATED],
            "what": [what for _, what in _STATED],
            "effect": list(_STATED.values()),
            "n": pa.nulls(len(_STATED), pa.int64()),
        }
    )
    return pa.concat_tables([stated, con.sql(_CHURN_EFFECTS).to_arrow_table()])
