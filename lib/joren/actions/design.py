"""What the test of each list can show: its hold-out, its days, the smallest rise it would find."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from joren.stats.power import detectable_rate


def designs(lists: pd.DataFrame, chances: Mapping[str, float]) -> pd.DataFrame:
    """The rise of the share who order that each list as drawn shows with a power of 80 %.

    Parameters
    ----------
    lists : action, listed, held_out
    chances : action → share expected to order anyway; from `worth.order_chances`

    Returns
    -------
    action, base (share who order anyway), detectable (null where no rise could be shown)
    """
    rows = []
    for row in lists.itertuples():
        base = chances.get(row.action)
        total = int(row.listed + row.held_out)
        tested = base is not None and 0 < base < 1 and row.listed > 0 and row.held_out > 0
        rise = detectable_rate(base, total, row.held_out / total) if tested else None
        rows.append({"action": row.action, "base": base, "detectable": rise})
    return pd.DataFrame(rows, columns=["action", "base", "detectable"]).astype(
        {"base": "float64", "detectable": "float64"}
    )
