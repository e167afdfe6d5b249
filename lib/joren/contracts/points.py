"""Tables of stage 02: lots, balances and what they are worth."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("point_lots", "lot_id", """
        lot_id string; customer_id string; account string; granted_at timestamp;
        expires_at timestamp?; points_granted int; points_used int; points_expired int;
        points_cancelled int; points_transferred int; points_remaining int
    """),
    table("point_balances", "account", """
        account string; customer_id string; balance int; debt int [0..]; expiring_next int;
        expires_next_at timestamp?
    """),
    table("point_liability", "month, cohort", """
        month date; cohort string; outstanding_points int; expected_redeemed float;
        breakage_rate float? [0..1]; liability_amount float; lower float?; upper float?;
        method string
    """),
]
# fmt: on
