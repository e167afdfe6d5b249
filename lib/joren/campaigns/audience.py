"""Who was assigned to which arm: from source records to one row per customer and campaign.

Arms are drawn for source records. Where the records of one customer fell into different arms she
was treated and held out at once: such customers are left out of every readout, and counted.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

CONTROL, CONTACTED = "control", "contacted"


def assigned_customers(assignments: ir.Table, identity_map: ir.Table) -> ir.Table:
    """One row per campaign and customer.

    Parameters
    ----------
    assignments : canonical/assignments
    identity_map : identity_map

    Returns
    -------
    campaign_id, customer_id, arm (the first by name where there are several), stratum (likewise;
    null without), mixed (whether her records fell into different arms)
    """
    known = identity_map.select("source", "source_id", "customer_id")
    rows = assignments.select("source", "source_id", "campaign_id", "arm", "stratum")
    return (
        rows.join(known, ["source", "source_id"])
        .group_by("campaign_id", "customer_id")
        .agg(arm=_.arm.min(), last_arm=_.arm.max(), stratum=_.stratum.min())
        .select("campaign_id", "customer_id", "arm", "stratum", mixed=_.arm != _.last_arm)
    )


def one_arm_each(assigned: ir.Table) -> ir.Table:
    """The customers that count: those whose records all fell into one arm.

    Parameters
    ----------
    assigned : from `assigned_customers`
    """
    return assigned.filter(~_.mixed).drop("mixed")


def contacted_customers(contacts: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Whom a campaign was sent to, as one arm: all that is known where nobody was assigned.

    Parameters
    ----------
    contacts : canonical/contacts
    identity_map : identity_map

    Returns
    -------
    the columns of `assigned_customers`
    """
    known = identity_map.select("source", "source_id", "customer_id")
    return (
        contacts.filter(_.campaign_id.notnull())
        .join(known, ["source", "source_id"])
        .select("campaign_id", "customer_id")
        .distinct()
        .mutate(
            arm=ibis.literal(CONTACTED),
            stratum=ibis.null("string"),
            mixed=ibis.literal(False),
        )
    )
