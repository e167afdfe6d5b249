"""Tables of the report: what changed in months that an earlier report had closed."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("restatements", "month, source, figure", """
        month date; source string; figure string; before money; now money; difference money
    """),
]
# fmt: on
