"""One value per customer and field, chosen among the records at read time.

By default the newest record that has a value wins; a client's survivorship rules may say otherwise
field by field. The values themselves stay with their sources, so that a customer taken apart again
loses nothing. Generic phones and filler birth dates are never chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.identity.hashes import keyed_hash
from joren.survivorship import LONGEST, MOST_FREQUENT, NEWEST, OLDEST

FIELDS = (
    "full_name", "full_kana", "phone", "email", "postal_code", "address", "birth_date", "gender",
)  # fmt: skip
CONSENTS = ("email", "dm", "line")
# spellings of one name or address count as one value
_COUNTED_BY = {"full_name": "name", "full_kana": "sound", "address": "address_key"}
_NO_STRINGS = ibis.literal([], "array<string>")


def golden_values(
    con: Backend,
    records: ir.Table,
    customers: ir.Table,
    survivorship: Mapping[str, str | Sequence[str]] | None = None,
) -> ir.Table:
    """Clear golden values with the source each was taken from.

    Parameters
    ----------
    con : the engine
    records : keyed records with customer_id
    customers : canonical customers, for values as they were written
    survivorship : field → a rule of `joren.survivorship`, or sources, the most trusted first;
        newest for fields not named. What a rule leaves equal goes to the newest record, then to
        the smallest (source, source_id)

    Returns
    -------
    customer_id, `FIELDS`, name_key (for hashing), value_sources (JSON field → source)
    """
    rules = {field: (survivorship or {}).get(field, NEWEST) for field in FIELDS}
    written = _with_counts(con, _as_written(records, customers), rules)
    chosen = {}
    for field in FIELDS:
        known, order = written[field].notnull(), _order(written, field, rules[field])
        chosen[field] = written[field].first(where=known, order_by=order)
        chosen[f"{field}_from"] = written.source.first(where=known, order_by=order)
    key = ibis.coalesce(written.name, written.sound)
    as_named = _order(written, "full_name", rules["full_name"])
    chosen["name_key"] = key.first(where=key.notnull(), order_by=as_named)
    golden = written.group_by("customer_id").agg(**chosen)
    golden = golden.mutate(value_sources=_sources_json(golden))
    kept = golden.select("customer_id", *FIELDS, "name_key", "value_sources")
    return con.create_table("identity_golden", kept, temp=True, overwrite=True)


def analysis_customers(
    golden: ir.Table, records: ir.Table, customers: ir.Table, orders: ir.Table, key: bytes
) -> ir.Table:
    """The customers table: keyed hashes and coarse facts, nothing that names a person.

    Parameters
    ----------
    golden : the table of `golden_values`
    records : keyed records with customer_id
    customers, orders : canonical tables
    key : the client's secret
    """
    facts = golden.select(
        "customer_id",
        phone_hash=keyed_hash(golden.phone, key), email_hash=keyed_hash(golden.email, key),
        name_hash=keyed_hash(golden.name_key, key), gender=golden.gender,
        birth_year=golden.birth_date.year().cast("int64"), postal_area=golden.postal_code[:3],
    )  # fmt: skip
    owners = records.select("source", "source_id", "customer_id")
    bought = orders.inner_join(owners, ["source", "source_id"])
    registered = customers.inner_join(owners, ["source", "source_id"])
    joined = facts
    for part in (
        _first_seen(bought, registered),
        _channels(bought, registered),
        _consents(registered),
        records.group_by("customer_id").agg(records=records.count()),
    ):
        joined = joined.left_join(part, "customer_id").drop("customer_id_right")
    return joined.mutate(
        channels=joined.channels.fill_null(_NO_STRINGS),
        consents=joined.consents.fill_null(_NO_STRINGS),
    )


def _order(written: ir.Table, field: str, rule: str | Sequence[str]) -> list[ir.Value]:
    """What to sort a customer's records by so that the one whose value survives comes first."""
    newest_first = [
        written.updated_at.fill_null(ibis.timestamp("0001-01-01")).desc(),
        written.source,
        written.source_id,
    ]
    if rule == NEWEST:
        return newest_first
    if rule == OLDEST:  # a record without a date is not known to be old
        return [written.updated_at.fill_null(ibis.timestamp("9999-12-31")), *newest_first[1:]]
    if rule == MOST_FREQUENT:
        return [written[f"{field}_count"].desc(), *newest_first]
    if rule == LONGEST:
        return [written[field].re_replace("[\\s\u3000]", "").length().desc(), *newest_first]
    trust = written.source.cases(
        *[(source, place) for place, source in enumerate(rule)], else_=len(rule)
    )
    return [trust, *newest_first]


def _with_counts(con: Backend, written: ir.Table, rules: Mapping[str, object]) -> ir.Table:
    """How many of the customer's records say the same, for fields where the most frequent wins."""
    counted = [field for field in FIELDS if rules[field] == MOST_FREQUENT]
    if not counted:
        return written
    counts = {}
    for field in counted:
        same = ibis.coalesce(written[_COUNTED_BY.get(field, field)].cast("string"),
                             written[field].cast("string"))  # fmt: skip
        counts[f"{field}_count"] = written.count().over(group_by=[written.customer_id, same])
    return con.create_table("identity_written", written.mutate(**counts), temp=True, overwrite=True)


def _as_written(records: ir.Table, customers: ir.Table) -> ir.Table:
    c = customers
    both_names = c.family_name.nullif("") + " " + c.given_name.nullif("")
    both_kana = c.family_kana.nullif("") + " " + c.given_kana.nullif("")
    raw = c.select(
        "source", "source_id",
        full_name=ibis.coalesce(c.full_name.nullif(""), both_names, c.family_name.nullif("")),
        full_kana=ibis.coalesce(c.full_kana.nullif(""), both_kana, c.family_kana.nullif("")),
        address_written=c.address.nullif(""),
        updated_at=ibis.coalesce(c.updated_at, c.registered_at),
    )  # fmt: skip
    joined = records.left_join(raw, ["source", "source_id"])
    return joined.select(
        "customer_id", "source", "source_id", "updated_at", "full_name", "full_kana", "phone",
        "email", "birth_date", "gender", "name", "sound",
        postal_code=joined.postal, address=joined.address_written, address_key=joined.address,
    )  # fmt: skip


def _sources_json(golden: ir.Table) -> ir.StringValue:
    parts = [
        ibis.ifelse(golden[f"{field}_from"].isnull(), "",
                    f', "{field}": "' + golden[f"{field}_from"] + '"')
        for field in FIELDS
    ]  # fmt: skip
    text = parts[0]
    for part in parts[1:]:
        text = text + part
    return "{" + text.substr(2) + "}"


def _first_seen(bought: ir.Table, registered: ir.Table) -> ir.Table:
    times = bought.select("customer_id", at=bought.ordered_at).union(
        registered.select("customer_id", at=registered.registered_at)
    )
    return times.group_by("customer_id").agg(first_seen_at=times["at"].min())


def _channels(bought: ir.Table, registered: ir.Table) -> ir.Table:
    named = bought.select("customer_id", channel=ibis.coalesce(bought.channel, bought.source))
    # a source whose orders name their channel is that channel for those who only registered
    usual = bought.group_by("source").agg(channel=bought.channel.min())
    only = registered.left_join(usual, "source")
    members = only.select("customer_id", channel=ibis.coalesce(only.channel, only.source))
    found = named.union(members, distinct=True)
    return found.group_by("customer_id").agg(channels=found.channel.collect(order_by=found.channel))


def _consents(registered: ir.Table) -> ir.Table:
    told = ibis.or_(*(registered[f"consent_{channel}"].notnull() for channel in CONSENTS))
    registered = registered.filter(told)
    at = ibis.coalesce(registered.updated_at, registered.registered_at)
    newest_first = [
        at.fill_null(ibis.timestamp("0001-01-01")).desc(), registered.source, registered.source_id
    ]  # fmt: skip
    last = registered.group_by("customer_id").agg(**{
        channel: registered[f"consent_{channel}"].first(
            where=registered[f"consent_{channel}"].notnull(), order_by=newest_first
        )
        for channel in CONSENTS
    })  # fmt: skip
    given = ibis.union(*[
        last.filter(last[channel]).select("customer_id", consent=ibis.literal(channel))
        for channel in CONSENTS
    ])  # fmt: skip
    return given.group_by("customer_id").agg(consents=given.consent.collect(order_by=given.consent))
