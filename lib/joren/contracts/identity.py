"""Tables of stage 01: who is who."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("identity_map", "source, source_id", """
        source string; source_id string; customer_id string; household_id string;
        match_rule string; match_probability float? [0..1]
    """),
    table("identity_edges", "left_source, left_source_id, right_source, right_source_id", """
        left_source string; left_source_id string; right_source string; right_source_id string;
        rule string; match_probability float? [0..1]; weight float?; evidence string;
        decision string
    """),
    table("identity_history", "event_id", """
        event_id string; at timestamp; kind string; customer_ids_before strings;
        customer_ids_after strings; reason string; actor string
    """),
    table("identity_account", "measure", """
        measure string; before float?; after float?
    """),
    table("identity_sensitivity", "measure", """
        measure string; value float; lower float; upper float; n int
    """),
    table("point_consolidation", "transfer_id, account", """
        transfer_id string; customer_id string; source string; source_id string; account string;
        programme string; kind string; points int
    """),
    table("customers", "customer_id", """
        customer_id string; phone_hash string?; email_hash string?; name_hash string?;
        birth_year int?; gender string?; postal_area string?; first_seen_at timestamp?;
        channels strings; consents strings
    """),
    table("restricted/customers", "customer_id", """
        customer_id string; full_name string?; full_kana string?; phone string?; email string?;
        postal_code string?; address string?; birth_date date?; gender string?;
        value_sources string
    """),
]
# fmt: on
