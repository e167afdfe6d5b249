"""Tables of reading: what was read and what was not used."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("quarantine", "table_name, source, file, row_number", """
        table_name string; source string; file string; row_number int; reason string; raw string;
        records int [1..]
    """),
    table("coverage", "source, table_name, file", """
        source string; table_name string; file string; encoding string; rows_in int [0..];
        rows_accepted int [0..]; rows_duplicate int [0..]; rows_quarantined int [0..];
        amount_in money; amount_accepted money; amount_quarantined money; first_at timestamp?;
        last_at timestamp?
    """),
    # an empty source means all of them; joren is null where it has no such figure; reason: agrees,
    # candidates joined by +, explanations by |, unexplained, or not_known
    table("accounting_reconciliation", "month, source, figure", """
        month date; source string; figure string; accounting money; joren money?;
        difference money?; reason string
    """),
]
# fmt: on
