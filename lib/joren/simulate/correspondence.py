"""Under which account each touchpoint, message and assignment of a person is on record."""

from __future__ import annotations

import duckdb
import pyarrow as pa

# by channel, the systems whose record is used, the first that knows the person by then
_PREFERENCE = {
    "line": ("line",),
    "call": ("call",),
    "web": ("web", "teiki", "pos", "mall", "line"),
    "mail": ("web", "teiki", "mall", "pos", "line"),
    "app": ("pos", "web", "teiki", "mall", "line"),
    "dm": ("pos", "web", "teiki", "mall", "line"),
}


def on_record(touches: pa.Table, at: str, channel: str | None, accounts: pa.Table) -> pa.Table:
    """Each row with the record it is kept under.

    Parameters
    ----------
    touches : person_id, a moment, and further columns
    at : the column of the moment
    channel : the column of the channel; None where it is all by mail
    accounts : system, source_id, person_id, opened_at

    Returns
    -------
    the rows in their order, with source and source_id in place of person_id; an account the person
    opened later is used only where there is no earlier one
    """
    con = duckdb.connect()
    con.register("touches", touches.append_column("place", pa.array(range(len(touches)))))
    con.register("accounts", accounts)
    ranks = [
        {"way": way, "system": system, "rank": rank}
        for way, systems in _PREFERENCE.items()
        for rank, system in enumerate(systems)
    ]
    con.register("ranks", pa.Table.from_pylist(ranks))
    found = con.sql(f"""
        SELECT t.* EXCLUDE (person_id, place), a.system AS source, a.source_id
        FROM touches t JOIN accounts a USING (person_id)
        JOIN ranks r ON r.way = {f"t.{channel}" if channel else "'mail'"} AND r.system = a.system
        QUALIFY row_number() OVER (
            PARTITION BY place ORDER BY a.opened_at > t.{at}, rank, a.opened_at DESC, a.source_id
        ) = 1
        ORDER BY place
    """).to_arrow_table()
    con.close()
    if len(found) != len(touches):
        raise ValueError(f"{len(touches) - len(found)} touches are on nobody's record")
    return found
