"""Tables of segments and of what to do next."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("segments", "customer_id, preset", """
        customer_id string; preset string; segment string; rank string?; status string?;
        since date?; r float?; f float?; m float?
    """),
    table("segment_history", "customer_id, preset, valid_from", """
        customer_id string; preset string; valid_from date; valid_to date?; segment string;
        status string
    """),
    table("segment_transitions", "preset, comparison, from_segment, to_segment", """
        preset string; comparison string; from_on date; to_on date; from_segment string;
        to_segment string; customers int [1..]
    """),
    table("definition_bridge", "step, measure", """
        step string; measure string; value float; change float?
    """),
    table("actions", "customer_id, action", """
        customer_id string; action string; reason string; due_at timestamp?; channel string?;
        expected_value float?; lower float?; upper float?; priority float?; test_arm string?
    """),
]
# fmt: on
