from datetime import date
from decimal import Decimal

import ibis
import pandas as pd

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.places import purchases_by_place
from joren.purchases import counted_orders, identified_orders


def test_orders_are_counted_where_they_were_made_and_refunds_and_strangers_are_not():
    con = connect()
    frame = pd.DataFrame(
        [
            ("ann", "1", "2026-06-01 10:00", 100, "pos", "本店"),
            ("ann", "2", "2026-06-30 10:00", 50, "pos", "本店"),
            ("ann", "3", "2026-06-30 11:00", 70, "ec", None),
            ("ann", "4", "2026-07-01 00:00", 30, "pos", "梅田店"),
            ("ann", "5", "2026-07-02 00:00", -30, "pos", "梅田店"),
            (None, "6", "2026-07-02 00:00", 80, "pos", "本店"),
            ("ann", "7", "2027-01-01 00:00", 90, "pos", "本店"),
        ],
        columns=["source_id", "order_id", "at", "amount", "channel", "store"],
    )
    raw = con.create_table("raw", frame)
    orders = raw.select(
        "order_id",
        "source_id",
        source=ibis.literal("shop"),
        status=ibis.literal("valid"),
        channel=raw.channel.cast("string"),
        store=raw.store.cast("string"),
        ordered_at=raw["at"].cast("timestamp(6)"),
        amount=raw.amount.cast(MONEY),
        amount_excluding_tax=ibis.null(MONEY),
    )
    people = orders.select("source", "source_id", customer_id=orders.source_id).distinct()
    known = people.filter(people.source_id.notnull())
    told = identified_orders(orders, known, ("channel", "store"))
    counted = counted_orders(told, date(2026, 12, 31))
    places = con.create_table("places", purchases_by_place(counted))
    validate(places, "purchase_places")
    found = places.order_by("month", "channel").to_pyarrow()
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("ann", date(2026, 6, 1), "ec", None, 1, Decimal("70")),
        ("ann", date(2026, 6, 1), "pos", "本店", 2, Decimal("150")),
        ("ann", date(2026, 7, 1), "pos", "梅田店", 1, Decimal("30")),
    ]
