"""The address a channel uses, and where it is from."""

from __future__ import annotations

import ibis
from tests.lists.handmade import mapped, rows_of

from joren.lists.addressing import address_on, addresses


def test_each_channel_has_its_own_address_and_source(con):
    golden = rows_of(
        con,
        "golden_given",
        [{"customer_id": "A", "email": "a@x.jp", "phone": "+8190", "address": "港区1-1",
          "value_sources": '{"email": "web", "phone": "pos"}'}],
        "restricted/customers",
    )  # fmt: skip
    records = rows_of(
        con, "canonical_given", [{"source": "line", "source_id": "1", "line_id": "U1"}],
        "canonical/customers",
    )  # fmt: skip
    known = addresses(golden, records, mapped(con, ("line", "1", "A")))
    (row,) = known.to_pyarrow().to_pylist()
    assert (row["email_source"], row["phone_source"], row["address_source"]) == ("web", "pos", None)

    for channel, expected in (
        ("email", "a@x.jp"), ("line", "U1"), ("call", "+8190"), ("dm", "港区1-1"), ("fax", None),
    ):  # fmt: skip
        asked = known.mutate(channel=ibis.literal(channel))
        found = asked.select(at=address_on(asked.channel, asked)).to_pyarrow().to_pylist()
        assert found == [{"at": expected}]
