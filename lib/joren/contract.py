"""Every table that crosses a border, described once.

Names and keys are fixed: other people's scripts rely on them. Canonical tables (what ingest
writes) are named `canonical/<table>`, clear personal data `restricted/<table>`, output tables by
their bare name. Below, a column is `name type`; `?` after the type allows nulls, and `[low..high]`
bounds the values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from joren.errors import ContractError

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.schema as sch
    import ibis.expr.types as ir

MONEY = "decimal(18, 4)"
_TYPES = {
    "string": "string",
    "int": "int64",
    "float": "float64",
    "bool": "boolean",
    "money": MONEY,
    "timestamp": "timestamp(6)",
    "date": "date",
    "strings": "array<string>",
}
_COLUMN = re.compile(
    r"^(?P<name>\w+) (?P<type>\w+)(?P<null>\?)?(?: \[(?P<low>[^.\]]*)\.\.(?P<high>[^\]]*)\])?$"
)


@dataclass(frozen=True)
class Column:
    """One column: its name, Ibis type, whether nulls are allowed, and bounds if any."""

    name: str
    type: str
    nullable: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TableContract:
    """One table: its reference, the columns that identify a row, and all declared columns.

    A table may carry further columns; it may not lack one declared here.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    def ibis_schema(self) -> sch.Schema:
        import ibis

        return ibis.schema({column.name: column.type for column in self.columns})


def _table(name: str, key: str, block: str) -> TableContract:
    columns = []
    for declaration in " ".join(block.split()).split("; "):
        found = _COLUMN.match(declaration)
        if found is None:
            raise ValueError(f"column of {name} not understood: {declaration!r}")
        bounds = [float(b) if b else None for b in (found["low"], found["high"])]
        columns.append(
            Column(found["name"], _TYPES[found["type"]], found["null"] is not None, *bounds)
        )
    return TableContract(name, tuple(key.split(", ")), tuple(columns))


# fmt: off
_CANONICAL = [
    _table("canonical/customers", "source, source_id", """
        source string; source_id string; family_name string?; given_name string?;
        family_kana string?; given_kana string?; full_name string?; full_kana string?;
        phone string?; email string?; line_id string?; card_no string?; postal_code string?;
        address string?; birth_date date?; gender string?; registered_at timestamp?;
        updated_at timestamp?; consent_email bool?; consent_dm bool?; consent_line bool?
    """),
    _table("canonical/orders", "source, order_id", """
        source string; order_id string; source_id string?; ordered_at timestamp; amount money;
        amount_excluding_tax money?; margin money?; discount money?; mall_discount money?;
        points_used int?; points_granted int?; channel string?; store string?; campaign_id string?;
        subscription_id string?; status string
    """),
    _table("canonical/order_lines", "source, order_id, line_no", """
        source string; order_id string; line_no int; product_id string; product_name string?;
        category string?; quantity money; amount money
    """),
    _table("canonical/point_entries", "source, entry_id", """
        source string; entry_id string; source_id string; occurred_at timestamp; kind string;
        points int; account string; programme string?; available_at timestamp?;
        expires_at timestamp?; order_source string?; order_id string?; campaign_id string?;
        reverses_entry_id string?; transfer_id string?; funder string?
    """),
    _table("canonical/point_balances_reported", "source, source_id, account, as_of", """
        source string; source_id string; account string; as_of timestamp; balance int
    """),
    _table("canonical/events", "source, source_id, occurred_at, touchpoint, event_id, seq", """
        source string; source_id string; occurred_at timestamp; touchpoint string;
        event_id string?; seq int?; channel string?; campaign_id string?; value money?
    """),
    _table("canonical/contacts", "source, source_id, occurred_at, channel, campaign_id", """
        source string; source_id string; occurred_at timestamp; channel string;
        campaign_id string?
    """),
    _table("canonical/outcomes", "source, list_id, customer_id, source_id, at", """
        source string; list_id string; customer_id string?; source_id string?; outcome string;
        at timestamp
    """),
    _table("canonical/products", "source, product_id", """
        source string; product_id string; name string; category string?; unit_cost money?
    """),
    _table("canonical/stores", "source, store", """
        source string; store string; name string; area string?
    """),
    _table("canonical/staff", "source, store, role", """
        source string; store string; role string; hours money
    """),
    _table("canonical/weather", "source, area, date", """
        source string; area string; date date; condition string; temperature money?
    """),
    _table("canonical/stock", "source, product_id, date", """
        source string; product_id string; date date; quantity money
    """),
    _table("canonical/subscriptions", "source, subscription_id", """
        source string; subscription_id string; source_id string; product_id string;
        started_at timestamp; ended_at timestamp?; end_reason string?; cycle_days int?;
        commitment_orders int?; renewals int?
    """),
    _table("canonical/campaigns", "campaign_id", """
        source string; campaign_id string; name string; kind string; starts_on timestamp;
        ends_on timestamp; objective string?; kpi string?; kpi_target string?; cost money?;
        planned_shares string?
    """),
    _table("canonical/assignments", "source, campaign_id, source_id", """
        source string; campaign_id string; source_id string; arm string; assigned_at timestamp;
        stratum string?
    """),
]

_MODEL = """
    model string; parameter string; mean float; sd float? [0..]; lower float?; upper float?;
    ess_bulk float?; r_hat float?; divergences int?; chosen bool; elpd float?
"""
_CHURN = """
    source string?; subscription_id string?; customer_id string; kind string;
    hazard_next float? [0..1]; p_end_90d float [0..1]; lower float; upper float; reasons strings
"""
_OUTPUT = [
    _table("identity_map", "source, source_id", """
        source string; source_id string; customer_id string; household_id string;
        match_rule string; match_probability float? [0..1]
    """),
    _table("identity_edges", "left_source, left_source_id, right_source, right_source_id", """
        left_source string; left_source_id string; right_source string; right_source_id string;
        rule string; match_probability float? [0..1]; weight float?; evidence string;
        decision string
    """),
    _table("identity_history", "event_id", """
        event_id string; at timestamp; kind string; customer_ids_before strings;
        customer_ids_after strings; reason string; actor string
    """),
    _table("identity_account", "measure", """
        measure string; before float?; after float?
    """),
    _table("identity_sensitivity", "measure", """
        measure string; value float; lower float; upper float; n int
    """),
    _table("point_consolidation", "transfer_id, account", """
        transfer_id string; customer_id string; source string; source_id string; account string;
        programme string; kind string; points int
    """),
    _table("customers", "customer_id", """
        customer_id string; phone_hash string?; email_hash string?; name_hash string?;
        birth_year int?; gender string?; postal_area string?; first_seen_at timestamp?;
        channels strings; consents strings
    """),
    _table("quarantine", "table_name, source, file, row_number", """
        table_name string; source string; file string; row_number int; reason string; raw string;
        records int [1..]
    """),
    _table("point_lots", "lot_id", """
        lot_id string; customer_id string; account string; granted_at timestamp;
        expires_at timestamp?; points_granted int; points_used int; points_expired int;
        points_cancelled int; points_transferred int; points_remaining int
    """),
    _table("point_balances", "account", """
        account string; customer_id string; balance int; debt int [0..]; expiring_next int;
        expires_next_at timestamp?
    """),
    _table("point_liability", "month, cohort", """
        month date; cohort string; outstanding_points int; expected_redeemed float;
        breakage_rate float? [0..1]; liability_amount float; lower float?; upper float?;
        method string
    """),
    _table("route_edges", "source_touchpoint, target_touchpoint, group_name", """
        source_touchpoint string; target_touchpoint string; group_name string; customers int;
        transitions int; probability float [0..1]; median_hours float?; ltv_difference float?;
        lower float?; upper float?; q_value float? [0..1]
    """),
    _table("route_paths", "path, group_name", """
        path string; group_name string; customers int; share float [0..1]; converted int;
        churned int; mean_ltv float?; lower float?; upper float?
    """),
    _table("attribution", "touchpoint, model", """
        touchpoint string; model string; share float [0..1]; value float; lower float?;
        upper float?
    """),
    _table("subscription_flow", "product_id, order_number", """
        product_id string; order_number int; at_risk int; continued int; cancelled int;
        continuation_rate float? [0..1]; lower float?; upper float?
    """),
    _table("purchase_flow", "from_order, to_order, product", """
        from_order int; to_order int; product string?; customers int; rate float [0..1];
        median_days float?
    """),
    _table("cross_sell", "product, next_product", """
        product string; next_product string; customers int; lift float; lower float?;
        upper float?
    """),
    _table("purchase_summary", "customer_id", """
        customer_id string; frequency int [0..]; recency int [0..]; T int [0..];
        monetary_value float?; first_ordered_at timestamp; last_ordered_at timestamp;
        orders int [1..]
    """),
    _table("ltv", "customer_id", """
        customer_id string; p_alive float [0..1]; p_order_90d float [0..1];
        p_order_365d float [0..1]; expected_orders_90d float [0..];
        expected_orders_365d float [0..]; expected_value_90d float [0..];
        expected_value_365d float [0..]; ltv_90d float; ltv_90d_lower float;
        ltv_90d_upper float; ltv_365d float; ltv_365d_lower float; ltv_365d_upper float;
        expected_next_order_at timestamp?; overdue_ratio float? [0..]; past_value money
    """),
    _table("churn", "source, subscription_id, customer_id", _CHURN),
    _table("subscription_churn", "source, subscription_id", _CHURN),
    _table("lapse", "customer_id", _CHURN),
    _table("ltv_model", "model, parameter", _MODEL),
    _table("backtest_model", "model, parameter", _MODEL),
    _table("backtest", "measure, predictor, group_name", """
        measure string; predictor string; group_name string; value float?; lower float?;
        upper float?; n int
    """),
    _table("predictors", "use", """
        use string; measure string; predictor string; reason string; value float?; lower float?;
        upper float?; rival string?; rival_value float?; actual float?; n int [0..]
    """),
    _table("forecast_totals", "measure, days, group_name", """
        measure string; days int [1..]; group_name string; customers int [0..]; mean float;
        lower float; upper float
    """),
    _table("forecast_groups", "customer_id", """
        customer_id string; groups strings
    """),
    _table("forecast_check", "made_as_of, days, measure, predictor, group_name", """
        made_as_of date; days int [1..]; measure string; predictor string; group_name string;
        value float?; lower float?; upper float?; n int [0..]
    """),
    _table("segments", "customer_id, preset", """
        customer_id string; preset string; segment string; rank string?; status string?;
        since date?; r float?; f float?; m float?
    """),
    _table("actions", "customer_id, action", """
        customer_id string; action string; reason string; due_at timestamp?; channel string?;
        expected_value float?; lower float?; upper float?; priority float?; test_arm string?
    """),
    _table("experiment_readout", "campaign_id, arm, metric, segment", """
        campaign_id string; arm string; metric string; segment string; n int; n_control int;
        effect float?; lower float?; upper float?; p_better float? [0..1]; grade string;
        method string; srm_p float? [0..1]
    """),
    _table("pdca", "campaign_id", """
        campaign_id string; objective string?; kpi string?; target string?; result string?;
        decision string?; next_step string?
    """),
    _table("coverage", "source, table_name, file", """
        source string; table_name string; file string; encoding string; rows_in int [0..];
        rows_accepted int [0..]; rows_duplicate int [0..]; rows_quarantined int [0..];
        amount_in money; amount_accepted money; amount_quarantined money; first_at timestamp?;
        last_at timestamp?
    """),
    _table("restricted/customers", "customer_id", """
        customer_id string; full_name string?; full_kana string?; phone string?; email string?;
        postal_code string?; address string?; birth_date date?; gender string?;
        value_sources string
    """),
]

# fmt: on
TABLES: dict[str, TableContract] = {table.name: table for table in [*_CANONICAL, *_OUTPUT]}
CANONICAL: dict[str, TableContract] = {t.name.removeprefix("canonical/"): t for t in _CANONICAL}


@cache
def _pandera_schema(name: str):
    import ibis.expr.datatypes as dt
    import pandera.ibis as pa

    columns = {}
    for column in TABLES[name].columns:
        checks = []
        if column.low is not None:
            checks.append(pa.Check.ge(column.low))
        if column.high is not None:
            checks.append(pa.Check.le(column.high))
        dtype = dt.dtype(column.type)
        # pandera's Ibis backend knows no array type
        columns[column.name] = pa.Column(
            None if dtype.is_array() else dtype, checks, nullable=column.nullable
        )
    return pa.DataFrameSchema(columns)


def check_columns(table: ir.Table, name: str) -> None:
    """Hold a table's column names against its contract; cheap, nothing is computed.

    Raises
    ------
    ContractError naming every column it lacks
    """
    contract = TABLES.get(name)
    if contract is None:
        return
    missing = [column for column in contract.column_names if column not in table.columns]
    if missing:
        raise ContractError(
            f"table {name} lacks {', '.join(missing)}", name, "write every column of contract.py"
        )


def validate(table: ir.Table, name: str) -> None:
    """Hold a table against its contract, in the engine.

    Parameters
    ----------
    table : the table, an Ibis expression
    name : its reference in `TABLES`; a name that is not there passes

    Raises
    ------
    ContractError naming every column at fault; values are never printed (they may be personal)
    """
    contract = TABLES.get(name)
    if contract is None:
        return
    import pandera.errors

    check_columns(table, name)
    schema = table.schema()
    wrong = [
        f"{column.name}: {column.type}"
        for column in contract.columns
        if not _is_of_type(schema[column.name], column.type)
    ]
    if wrong:
        raise ContractError(f"table {name} breaks its contract: {', '.join(wrong)}", name)
    if table.count().execute() == 0:
        return
    try:
        _pandera_schema(name).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        faults = sorted({f"{e.schema.name or name}: {_fault(e)}" for e in errors.schema_errors})
        raise ContractError(
            f"table {name} breaks its contract: {'; '.join(faults)}", name
        ) from None
    repeated = table.group_by(list(contract.key)).agg(rows=table.count())
    n_repeated = repeated.filter(repeated.rows > 1).count().execute()
    if n_repeated:
        raise ContractError(
            f"table {name} has {n_repeated:,} repeated keys", f"{name}: {', '.join(contract.key)}"
        )


def _is_of_type(held: dt.DataType, declared: str) -> bool:
    import ibis.expr.datatypes as dt

    wanted = dt.dtype(declared)
    if wanted.is_array():
        return held.is_array()
    return held.copy(nullable=True) == wanted


def _fault(error) -> str:
    check = error.check if isinstance(error.check, str) else getattr(error.check, "error", None)
    return str(check or error.reason_code)
