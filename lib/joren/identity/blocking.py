"""Pairs the fuzzy model looks at: those that share something few others share.

Every rule may bring a bounded number of pairs per record, its smallest blocks first. So rare
values are tried alone where common ones are tried with a second field, whatever the data, and
the number of pairs grows with the records, not with their square.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.pairs import LARGEST_BLOCK, blocks, pairs_within, with_fresh

BLOCKS = (
    ("phone",), ("email",), ("email_local",), ("card",), ("line",), ("birth",), ("address",),
    ("postal",), ("given_reading",), ("family_reading",), ("family_reading", "given_reading"),
    ("given_reading", "birth"), ("family_reading", "birth"), ("postal", "birth"),
    ("given_reading", "postal"), ("family_reading", "postal"),
)  # fmt: skip
PAIRS_PER_RECORD = 2


def blocked_pairs(con: Backend, records: ir.Table) -> ir.Table:
    """Pairs that share a small block.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    records : the table of `model_records`; where they have a column `fresh`, one of each pair is

    Returns
    -------
    left, right : record numbers, left < right, each pair once
    """
    records = with_fresh(records)
    budget = PAIRS_PER_RECORD * records.fresh.sum().fill_null(0).execute()
    found = [_pairs_sharing(con, records, columns, budget) for columns in BLOCKS]
    words = records.select("record", "fresh", word=records.address_words.unnest())
    found.append(_pairs_sharing(con, words, ("word",), budget))
    pairs = ibis.union(*found, distinct=True)
    return con.create_table("identity_fuzzy_pairs", pairs, temp=True, overwrite=True)


def _pairs_sharing(
    con: Backend, records: ir.Table, columns: tuple[str, ...], budget: int
) -> ir.Table:
    sized = blocks(records, columns)
    several = sized.filter(sized.block > 1, sized.block <= LARGEST_BLOCK)
    name = "identity_block_" + "_".join(columns)
    several = keep(con, name, several)
    largest = _largest_within(several, budget)
    return pairs_within(several.filter(several.block <= largest), columns)


def _largest_within(sized: ir.Table, budget: int) -> int:
    """The largest block size up to which all blocks together stay within the budget of pairs."""
    sizes = sized.group_by("block").agg(records=sized.count()).order_by("block")
    pairs, largest = 0.0, 0
    for block, records in zip(*sizes.to_pyarrow().to_pydict().values(), strict=True):
        pairs += records * (block - 1) / 2
        if pairs > budget:
            break
        largest = block
    return largest
