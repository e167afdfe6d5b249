"""Canonical tables: what ingest writes and every stage reads, named `canonical/<table>`."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("canonical/customers", "source, source_id", """
        source string; source_id string; family_name string?; given_name string?;
        family_kana string?; given_kana string?; full_name string?; full_kana string?;
        phone string?; email string?; line_id string?; card_no string?; postal_code string?;
        address string?; birth_date date?; gender string?; registered_at timestamp?;
        updated_at timestamp?; consent_email bool?; consent_dm bool?; consent_line bool?
    """),
    table("canonical/orders", "source, order_id", """
        source string; order_id string; source_id string?; ordered_at timestamp; amount money;
        amount_excluding_tax money?; margin money?; discount money?; mall_discount money?;
        points_used int?; points_granted int?; channel string?; store string?; campaign_id string?;
        subscription_id string?; status string
    """),
    table("canonical/order_lines", "source, order_id, line_no", """
        source string; order_id string; line_no int; product_id string; product_name string?;
        category string?; quantity money; amount money
    """),
    table("canonical/point_entries", "source, entry_id", """
        source string; entry_id string; source_id string; occurred_at timestamp; kind string;
        points int; account string; programme string?; available_at timestamp?;
        expires_at timestamp?; order_source string?; order_id string?; campaign_id string?;
        reverses_entry_id string?; transfer_id string?; funder string?
    """),
    table("canonical/point_balances_reported", "source, source_id, account, as_of", """
        source string; source_id string; account string; as_of timestamp; balance int
    """),
    table("canonical/events", "source, source_id, occurred_at, touchpoint, event_id, seq", """
        source string; source_id string; occurred_at timestamp; touchpoint string;
        event_id string?; seq int?; channel string?; campaign_id string?; value money?
    """),
    table("canonical/contacts", "source, source_id, occurred_at, channel, campaign_id", """
        source string; source_id string; occurred_at timestamp; channel string;
        campaign_id string?
    """),
    table("canonical/outcomes", "source, list_id, customer_id, source_id, at", """
        source string; list_id string; customer_id string?; source_id string?; outcome string;
        at timestamp
    """),
    table("canonical/products", "source, product_id", """
        source string; product_id string; name string; category string?; unit_cost money?
    """),
    table("canonical/stores", "source, store", """
        source string; store string; name string; area string?
    """),
    table("canonical/staff", "source, store, role", """
        source string; store string; role string; hours money
    """),
    table("canonical/weather", "source, area, date", """
        source string; area string; date date; condition string; temperature money?
    """),
    table("canonical/stock", "source, product_id, date", """
        source string; product_id string; date date; quantity money
    """),
    table("canonical/subscriptions", "source, subscription_id", """
        source string; subscription_id string; source_id string; product_id string;
        started_at timestamp; ended_at timestamp?; end_reason string?; cycle_days int?;
        commitment_orders int?; renewals int?
    """),
    table("canonical/campaigns", "campaign_id", """
        source string; campaign_id string; name string; kind string; starts_on timestamp;
        ends_on timestamp; objective string?; kpi string?; kpi_target string?; cost money?;
        planned_shares string?
    """),
    table("canonical/assignments", "source, campaign_id, source_id", """
        source string; campaign_id string; source_id string; arm string; assigned_at timestamp;
        stratum string?
    """),
]
# fmt: on
