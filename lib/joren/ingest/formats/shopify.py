"""Shopify: the order export of the admin, and what the app "Japan Order CSV" makes of it.

The columns are those of several public readers of real files; the vendor's help page spells some
of them otherwise, which folding covers. An order is one row per line item: the first row bears the
order's cells, the others repeat `Name` alone.

`Total` is what the customer was charged, with tax and shipping and after discounts (vendor). That
`Taxes` is contained in it whether the shop's prices bear tax or not is knowledge of the system;
that the prices of lines bear tax is true of shops set up for Japan. Guesses: `Discount Amount` is
apart from the discounts of lines; an authorised payment is not yet a paid one; `Refunded Amount`
of a partly refunded order lessens what the order is worth.

There are no member numbers: customers are told apart by the contact of the bill, and a sale at the
till without any contact has no customer. `Shipping ...` is whoever receives the parcel. The
Japanese app writes 000-0000-0000 for a missing phone.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import cell, const, filled, first, joined, number, one_of, when, word

_HEADERS = header_names("""
    Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,
    Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,
    Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,
    Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,
    Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,
    Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,
    Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,
    Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,
    Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,
    Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,
    Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,
    Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,
    Next Payment Due At,Payment References
""")

_STATUS = {
    "paid": "valid",
    "partially_paid": "valid",
    "partially_refunded": "valid",
    "refunded": "returned",
    "voided": "cancelled",
    "pending": "pending",
    "authorized": "pending",
    "expired": "pending",
    "unpaid": "pending",
}

_PARTLY_REFUNDED = one_of("Financial Status", "partially_refunded")

_ORDERS = Projection(
    key=cell("Name"),
    head=first("Created at", "Total", "Financial Status"),
    columns={
        "order_id": cell("Name"),
        "ordered_at": cell("Created at"),
        "amount": when(
            _PARTLY_REFUNDED, number("Total") - number("Refunded Amount"), number("Total")
        ),
        # how much of a partial refund was tax is not stated
        "amount_excluding_tax": when(
            filled("Taxes") & ~_PARTLY_REFUNDED, number("Total") - number("Taxes")
        ),
        "discount": number("Discount Amount"),
        "channel": first(word("Source", {"web": "ec", "pos": "pos"}), const("ec")),
        "store": cell("Location"),
        "status": when(
            filled("Cancelled at"), const("cancelled"), word("Financial Status", _STATUS)
        ),
    },
)

_LINES = Projection(
    where=filled("Lineitem name") | filled("Lineitem sku"),
    columns={
        "order_id": cell("Name"),
        "product_id": first("Lineitem sku", "Lineitem name"),
        "product_name": cell("Lineitem name"),
        "quantity": number("Lineitem quantity"),
        "amount": number("Lineitem price") * number("Lineitem quantity")
        - number("Lineitem discount"),
    },
)

_PHONE = first("Phone", "Billing Phone")
_BUYER = Buyer(
    anonymous=True,
    contact=(cell("Email"), _PHONE, cell("Billing Name")),
    columns={
        "full_name": cell("Billing Name"),
        "phone": _PHONE,
        "email": cell("Email"),
        "postal_code": cell("Billing Zip"),
        "address": joined(
            first("Billing Province Name", "Billing Province"),
            "Billing City",
            first(joined("Billing Address1", "Billing Address2"), "Billing Street"),
        ),
        "updated_at": cell("Created at"),
        "consent_email": cell("Accepts Marketing"),
    },
)

FORMAT = Format(
    name="shopify",
    title="Shopify",
    kinds=(
        Kind(
            name="orders",
            title="orders_export",
            headers=_HEADERS,
            required=("Name", "Financial Status", "Created at", "Total"),
            orders=_ORDERS,
            buyer=_BUYER,
            tables={"order_lines": (_LINES,)},
            totals=Totals(goods=number("Subtotal") + number("Discount Amount")),
        ),
    ),
)
