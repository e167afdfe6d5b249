"""The order in which the events of point accounts happen.

By account, moment and act, as numbers; an entry's id settles only what these leave open, which is
seldom anything, so that no column of strings is sorted.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_ACTS = 8  # more than there are
_FEW = 64  # events of an account, up to which insertion is quickest


def order_of_events(rows: pa.Table, *, together: bool = False) -> Ints:
    """(n,) positions of events in the order in which they happen.

    Parameters
    ----------
    rows : account_no, moment, act, entry_id, in any order
    together : whether all accounts share one run of time
    """
    account, moment, act = (rows[name].to_numpy() for name in ("account_no", "moment", "act"))
    key = moment * _ACTS + act
    groups = np.zeros(len(key), np.int64) if together else account
    order, tied = _sorted(groups, key, int(groups.max(initial=-1)) + 1)
    open_ = tied.copy()
    open_[:-1] |= tied[1:]
    places = np.flatnonzero(open_)
    if len(places):
        rivals = order[places]
        by_name = pa.table({
            "run": np.cumsum(~tied)[places], "entry_id": rows["entry_id"].take(rivals),
            "account_no": account[rivals],
        })  # fmt: skip
        keys = [(name, "ascending") for name in by_name.column_names]
        order[places] = rivals[pc.sort_indices(by_name, sort_keys=keys).to_numpy()]
    return order


@njit(nogil=True, cache=True)
def _sorted(group, key, n_groups):
    """Positions by group and key, and whether each has those of the one before it."""
    n = len(key)
    ends = np.zeros(n_groups + 1, np.int64)
    for i in range(n):
        ends[group[i] + 1] += 1
    for g in range(n_groups):
        ends[g + 1] += ends[g]
    order, keys, free = np.empty(n, np.int64), np.empty(n, np.int64), ends.copy()
    for i in range(n):
        at = free[group[i]]
        order[at], keys[at] = i, key[i]
        free[group[i]] = at + 1
    tied = np.zeros(n, np.bool_)
    for g in range(n_groups):
        first, end = ends[g], ends[g + 1]
        if end - first > _FEW:
            by_key = first + np.argsort(keys[first:end], kind="mergesort")
            order[first:end], keys[first:end] = order[by_key], keys[by_key]
        else:
            for i in range(first + 1, end):
                row, mine, j = order[i], keys[i], i
                while j > first and keys[j - 1] > mine:
                    order[j], keys[j] = order[j - 1], keys[j - 1]
                    j -= 1
                order[j], keys[j] = row, mine
        for i in range(first + 1, end):
            tied[i] = keys[i] == keys[i - 1]
    return order, tied
