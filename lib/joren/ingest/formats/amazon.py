"""Amazon.co.jp: 注文レポート, a text file with tabs, and 未出荷注文 (orders not yet shipped).

The columns are those that other vendors' manuals and a real upload show; which of them appear is
set in the seller's report settings. Files written before 2021-11-01 are Shift-JIS, later ones
UTF-8, so an archive mixes both. Times bear an offset.

One row is one item, and the order's total is stated nowhere: the amount of an order is the sum of
its rows' prices and shipping. That both include tax in Japan, and that `item-price` is for the
whole quantity, is knowledge of the system; promotions stand in columns of which no header was
found. 未出荷注文 has no prices at all: unless `amount` is mapped in the parameters it cannot be
read.

Buyers are hidden: addresses are relays, and contact data are deleted after 30 days. Every order
therefore has a customer of its own who bears no contact and is never linked to anybody.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, header_names
from joren.ingest.rules import cell, const, filled, first, number, when

_REPORT_HEADERS = header_names("""
    order-id,order-item-id,purchase-date,payments-date,buyer-email,buyer-name,buyer-phone-number,
    sku,product-name,quantity-purchased,currency,item-price,item-tax,shipping-price,shipping-tax,
    ship-service-level
""")

_UNSHIPPED_HEADERS = header_names("""
    order-id,order-item-id,purchase-date,payments-date,reporting-date,promise-date,
    days-past-promise,buyer-email,buyer-name,buyer-phone-number,sku,product-name,
    quantity-purchased,quantity-shipped,quantity-to-ship,ship-service-level,recipient-name,
    ship-address-1,ship-address-2,ship-address-3,ship-city,ship-state,ship-postal-code,
    ship-country,payment-method,cod-collectible-amount,already-paid,payment-method-fee,
    scheduled-delivery-start-date,scheduled-delivery-end-date,points-granted,is-prime,
    verge-of-cancellation,verge-of-lateShipment
""")

_PRICE = number("item-price") + number("shipping-price")

_ORDERS = Projection(
    key=cell("order-id"),
    columns={
        "order_id": cell("order-id"),
        "ordered_at": cell("purchase-date"),
        "amount": _PRICE,
        "amount_excluding_tax": when(
            filled("item-tax"), _PRICE - number("item-tax") - number("shipping-tax")
        ),
        "channel": const("mall"),
    },
    summed=("amount", "amount_excluding_tax"),
)

_LINES = Projection(
    columns={
        "order_id": cell("order-id"),
        "product_id": first("sku", "product-name"),
        "product_name": cell("product-name"),
        "quantity": number("quantity-purchased"),
        "amount": number("item-price"),
    },
)

_UNSHIPPED = Projection(
    key=cell("order-id"),
    columns={
        "order_id": cell("order-id"),
        "ordered_at": cell("purchase-date"),
        "points_granted": number("points-granted"),
        "channel": const("mall"),
    },
    # a price mapped in the parameters is that of one row, too
    summed=("amount", "points_granted"),
)

_BUYER = Buyer(identifying=False)

FORMAT = Format(
    name="amazon",
    title="Amazon.co.jp",
    kinds=(
        Kind(
            name="orders",
            title="注文レポート",
            headers=_REPORT_HEADERS,
            required=("order-id", "order-item-id", "purchase-date", "item-price"),
            orders=_ORDERS,
            buyer=_BUYER,
            tables={"order_lines": (_LINES,)},
        ),
        Kind(
            name="orders_unshipped",
            title="未出荷注文レポート",
            headers=_UNSHIPPED_HEADERS,
            required=("order-id", "order-item-id", "purchase-date", "quantity-to-ship"),
            orders=_UNSHIPPED,
            buyer=_BUYER,
        ),
    ),
)
