"""Proposals to move points of one customer's several accounts onto the oldest of them.

A list for the client's own system, which decides and posts; Joren never does. Points of two
programmes or two systems are never mixed, and what the client does not report is not guessed.
"""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir

COLUMNS = (
    "transfer_id", "customer_id", "source", "source_id", "account", "programme", "kind", "points",
)  # fmt: skip


def proposed_transfers(
    balances: ir.Table, entries: ir.Table, customers: ir.Table, identity_map: ir.Table
) -> ir.Table:
    """Pairs of signed entries: one takes an account's points away, one puts them on the oldest.

    Parameters
    ----------
    balances : canonical/point_balances_reported; an account's newest row counts
    entries : canonical/point_entries; tell an account's programme and its first day
    customers : canonical/customers; when the record was registered, where entries do not tell
    identity_map : source, source_id, customer_id

    Returns
    -------
    `COLUMNS`; points of one transfer_id add up to zero
    """
    accounts = _accounts(balances, entries, customers, identity_map)
    group = ("customer_id", "source", "programme")
    oldest_first = [accounts.opened_at.asc(nulls_first=False), accounts.account]
    ranked = accounts.mutate(
        place=ibis.row_number().over(group_by=group, order_by=oldest_first),
        target=accounts.account.first().over(group_by=group, order_by=oldest_first),
        target_id=accounts.source_id.first().over(group_by=group, order_by=oldest_first),
    )
    moving = ranked.filter(ranked.place > 0, ranked.balance > 0)
    key = moving.customer_id + "\n" + moving.source + "\n" + moving.account + "\n" + moving.target
    moving = moving.mutate(
        transfer_id="T" + key.hexdigest("sha256")[:16], kind=ibis.literal("transfer")
    )
    away = moving.mutate(points=-moving.balance).select(*COLUMNS)
    onto = moving.drop("account", "source_id").mutate(
        account=moving.target, source_id=moving.target_id, points=moving.balance
    )
    return away.union(onto.select(*COLUMNS)).order_by(["transfer_id", "points"])


def write_list(transfers: ir.Table, path: Path) -> None:
    """Write the proposals as CSV for the client's system; closed to other users.

    An ID that a spreadsheet would take for a formula is written behind an apostrophe.
    """
    frame = transfers.execute()
    for column in frame.columns.drop("points"):
        written = frame[column].astype(str)
        risky = written.str.match(r"[=+\-@\t\r]")
        frame[column] = written.where(~risky, "'" + written)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    path.chmod(0o600)


def _accounts(
    balances: ir.Table, entries: ir.Table, customers: ir.Table, identity_map: ir.Table
) -> ir.Table:
    key = ("source", "source_id", "account")
    newest = ibis.row_number().over(group_by=key, order_by=balances["as_of"].desc())
    ranked = balances.mutate(place=newest)
    last = ranked.filter(ranked.place == 0).select(*key, "balance")
    told = entries.group_by(key).agg(
        programme=entries.programme.min(), first_at=entries.occurred_at.min()
    )
    registered = customers.select("source", "source_id", "registered_at")
    owners = identity_map.select("source", "source_id", "customer_id")
    joined = last.left_join(told, key).drop(*(f"{name}_right" for name in key))
    joined = joined.left_join(registered, ["source", "source_id"])
    joined = joined.drop("source_right", "source_id_right")
    owned = joined.inner_join(owners, ["source", "source_id"])
    return owned.select(
        *key, "customer_id", "balance", programme=owned.programme.fill_null(""),
        opened_at=ibis.coalesce(owned.first_at, owned.registered_at),
    )  # fmt: skip
