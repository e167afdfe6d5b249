"""Tables of segments and of what to do next."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("segments", "customer_id, preset", """
        customer_id string; preset string; segment string; rank string?; status string?;
        since date?; r float?; f float?; m float?
    """),
    table("actions", "customer_id, action", """
        customer_id string; action string; reason string; due_at timestamp?; channel string?;
        expected_value float?; lower float?; upper float?; priority float?; test_arm string?
    """),
]
# fmt: on
