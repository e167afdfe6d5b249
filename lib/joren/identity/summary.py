"""What linking did, as numbers a page can show: counts and shares, never a clear value."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

SHOWN_CLUSTERS = 5


@dataclass(frozen=True)
class Counts:
    """Sizes of the result; `shared` customers are known to two or more sources."""

    records: int
    customers: int
    households: int
    sources: int
    shared: int
    links: int
    reviews: int
    refused: int
    expected_right: float | None


def count(identity_map: ir.Table, edges: ir.Table) -> Counts:
    """Count records, customers and edges.

    Parameters
    ----------
    identity_map, edges : the output tables

    Returns
    -------
    counts; expected_right is the mean probability of the accepted links, None without links
    """
    customers = identity_map.group_by("customer_id").agg(sources=identity_map.source.nunique())
    links = edges.filter(edges.decision == "link")
    queue = edges.filter(edges.decision == "review")
    return Counts(
        records=identity_map.count().execute(),
        customers=customers.count().execute(),
        households=identity_map.household_id.nunique().execute(),
        sources=identity_map.source.nunique().execute(),
        shared=customers.filter(customers.sources > 1).count().execute(),
        links=links.count().execute(),
        reviews=queue.count().execute(),
        refused=queue.filter(queue.evidence.contains('"refused"')).count().execute(),
        expected_right=links.match_probability.mean().to_pyarrow().as_py(),
    )


def records_by_source(identity_map: ir.Table) -> pd.DataFrame:
    """source, records, customers, and how many of those another source knows too."""
    spread = identity_map.mutate(
        everywhere=identity_map.source.nunique().over(group_by=identity_map.customer_id)
    )
    counted = spread.group_by("source").agg(
        records=spread.count(),
        customers=spread.customer_id.nunique(),
        elsewhere=spread.customer_id.nunique(where=spread.everywhere > 1),
    )
    return counted.order_by("source").execute()


def pairs_by_rule(edges: ir.Table) -> pd.DataFrame:
    """rule (text key), mean probability, and pairs linked, in review and rejected, by links.

    The probability is that of the linked pairs; of all where none is linked.
    """
    p = edges.match_probability
    counted = edges.group_by("rule").agg(
        probability=p.mean(where=edges.decision == "link").fill_null(p.mean()),
        linked=(edges.decision == "link").sum(),
        review=(edges.decision == "review").sum(),
        rejected=(edges.decision == "reject").sum(),
    )
    ordered = counted.order_by([counted.linked.desc(), counted.review.desc(), "rule"])
    return ordered.mutate(rule="identity.rule." + ordered.rule).execute()


def refused_by_reason(edges: ir.Table) -> pd.DataFrame:
    """reason (text key) and pairs whose clusters the guard kept apart."""
    reason = edges.evidence.re_extract('"refused": "([a-z_]+)"', 1)
    refused = edges.mutate(reason=reason).filter(lambda t: t.reason != "")
    counted = refused.group_by("reason").agg(pairs=refused.count())
    ordered = counted.order_by([counted.pairs.desc(), "reason"])
    return ordered.mutate(reason="identity.reason." + ordered.reason).execute()


def biggest_clusters(identity_map: ir.Table) -> pd.DataFrame:
    """The customers with most records: customer_id (masked), records, sources."""
    merged = identity_map.filter(identity_map.match_rule != "single")
    clusters = merged.group_by("customer_id").agg(
        records=merged.count(),
        sources=merged.source.collect(distinct=True, order_by=merged.source).join(" + "),
    )
    ordered = clusters.order_by([clusters.records.desc(), "customer_id"])
    shown = ordered.limit(SHOWN_CLUSTERS)
    return shown.mutate(customer_id=shown.customer_id[:5] + "•••").execute()


def generic_identifiers(identifiers: ir.Table) -> pd.DataFrame:
    """kind (text key), masked value, records and names of identifiers that link nobody."""
    generic = identifiers.filter(identifiers.generic)
    ordered = generic.order_by([generic.records.desc(), "kind", "value"]).limit(SHOWN_CLUSTERS)
    return ordered.select(
        kind="identity.kind." + ordered.kind,
        value=ordered.value[:3] + "•••" + ordered.value.right(2),
        records="records",
        names="names",
    ).execute()


def customers_by_sources(identity_map: ir.Table) -> pd.DataFrame:
    """sources (pos, web, pos + web) and customers, most customers first."""
    m = identity_map
    combined = m.group_by("customer_id").agg(
        sources=m.source.collect(distinct=True, order_by=m.source).join(" + ")
    )
    counted = combined.group_by("sources").agg(customers=combined.count())
    return counted.order_by([ibis.desc("customers"), "sources"]).execute()


def events_by_kind(events: ir.Table) -> dict[str, int]:
    """How many creates, merges and splits there were; an unmerge is a split."""
    counted = events.kind.value_counts(name="events").to_pyarrow().to_pylist()
    found = {row["kind"]: row["events"] for row in counted}
    parted = found.get("split", 0) + found.get("unmerge", 0)
    return {"create": found.get("create", 0), "merge": found.get("merge", 0), "split": parted}
