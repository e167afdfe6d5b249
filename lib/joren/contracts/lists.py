"""Tables of lists that leave a run: who stands where, and what became of everybody considered."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("list_members", "list_id, customer_id", """
        list_id string; campaign_id string; customer_id string; action string; reason string;
        due_at timestamp?; channel string?; priority int; arm string?; standing string
    """),
    table("list_account", "list_id", """
        list_id string; campaign_id string; action string; reason string; as_of date;
        hold_out float [0..1]; considered int [0..]; below_threshold int [0..];
        no_consent int [0..]; over_cap int [0..]; held_out int [0..]; listed int [0..]
    """),
]
# fmt: on
