"""Whose an account is, and the name by which tables know it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from joren.engine import keep


def owned_accounts(holders: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Accounts with their owners: source, account, name, customer_id.

    A name is the account as the data write it where only one source has it, else
    `source:account`, so that it identifies the account; one with a colon of its own is always
    written so. The owner is the customer of the first holder that linking knows; null for none.

    Parameters
    ----------
    holders : source, account, source_id, whoever the entries of an account name
    """
    known = holders.join(identity_map, ["source", "source_id"], how="left")
    accounts = known.group_by("source", "account").agg(
        customer_id=known.customer_id.first(
            where=known.customer_id.notnull(), order_by=[known.source_id]
        )
    )
    shared = accounts.source.nunique().over(ibis.window(group_by=accounts.account)) > 1
    full = accounts.source + ":" + accounts.account
    return accounts.mutate(
        name=ibis.ifelse(shared | accounts.account.contains(":"), full, accounts.account)
    )


def with_owners(rows: ir.Table, accounts: ir.Table) -> ir.Table:
    """Rows of accounts with `customer_id`, and the account's name as `account`."""
    joined = rows.join(accounts, ["source", "account"])
    return joined.mutate(account=joined.name).drop("name")


def keep_accounts(holders: ir.Table, identity_map: ir.Table) -> ir.Table:
    """`owned_accounts`, worked out once."""
    owned = owned_accounts(holders, identity_map)
    return keep(owned.get_backend(), "point_accounts", owned)
