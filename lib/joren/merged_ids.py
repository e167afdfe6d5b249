"""Whom a customer ID of an earlier run means today, after merges."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

_LONGEST_CHAIN = 50


def todays_ids(earlier: ir.Table, history: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Follow every ID that ended through the merges that took it in.

    Parameters
    ----------
    earlier : customer_id, as known then
    history : identity_history
    identity_map : identity_map of this run

    Returns
    -------
    customer_id (as known then), today (null for a customer who was deleted)
    """
    alive = identity_map.select(today="customer_id").distinct().cache()
    merges = history.filter(_.kind == "merge").mutate(into=_.customer_ids_after[0])
    moves = merges.select("at", "into", ended=_.customer_ids_before.unnest())
    moves = moves.filter(_.ended != _.into).group_by("ended").agg(into=_.into.argmax(_.at)).cache()
    found = earlier.select("customer_id", today="customer_id").distinct()
    for _turn in range(_LONGEST_CHAIN):
        found = found.cache()
        gone = found.anti_join(alive, "today")
        if gone.semi_join(moves, gone.today == moves.ended).count().to_pyarrow().as_py() == 0:
            break
        still = found.left_join(alive.mutate(lives=True), "today")
        led = still.left_join(moves, still.today == moves.ended)
        found = led.select(
            "customer_id",
            today=led.lives.notnull().ifelse(led.today, led.into.fill_null(led.today)),
        )
    known = found.left_join(alive.mutate(lives=True), "today")
    return known.select("customer_id", today=known.lives.notnull().ifelse(known.today, ibis.null()))
