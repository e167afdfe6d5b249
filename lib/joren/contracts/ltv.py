"""Tables of stage 04: purchases, LTV, churn, answer checks."""

from joren.contracts.declare import table

_MODEL = """
    model string; parameter string; mean float; sd float? [0..]; lower float?; upper float?;
    ess_bulk float?; r_hat float?; divergences int?; chosen bool; elpd float?
"""
_CHURN = """
    source string?; subscription_id string?; customer_id string; kind string;
    hazard_next float? [0..1]; p_end_90d float [0..1]; lower float; upper float; reasons strings
"""

# fmt: off
TABLES = [
    table("purchase_summary", "customer_id", """
        customer_id string; frequency int [0..]; recency int [0..]; T int [0..];
        monetary_value float?; first_ordered_at timestamp; last_ordered_at timestamp;
        orders int [1..]
    """),
    table("purchase_places", "customer_id, month, channel, store", """
        customer_id string; month date; channel string?; store string?; orders int [1..];
        value money
    """),
    table("ltv", "customer_id", """
        customer_id string; p_alive float [0..1]; p_order_90d float [0..1];
        p_order_365d float [0..1]; expected_orders_90d float [0..];
        expected_orders_365d float [0..]; expected_value_90d float [0..];
        expected_value_365d float [0..]; ltv_90d float; ltv_90d_lower float;
        ltv_90d_upper float; ltv_365d float; ltv_365d_lower float;
        ltv_365d_upper float; ltv_365d_sd float [0..];
        expected_next_order_at timestamp?; overdue_ratio float? [0..]; past_value money
    """),
    table("churn", "source, subscription_id, customer_id", _CHURN),
    table("subscription_churn", "source, subscription_id", _CHURN),
    table("lapse", "customer_id", _CHURN),
    table("ltv_model", "model, parameter", _MODEL),
    table("backtest_model", "model, parameter", _MODEL),
    table("backtest", "measure, predictor, group_name", """
        measure string; predictor string; group_name string; value float?; lower float?;
        upper float?; n int
    """),
    table("predictors", "use", """
        use string; measure string; predictor string; reason string; value float?; lower float?;
        upper float?; rival string?; rival_value float?; actual float?; n int [0..]
    """),
    table("forecast_totals", "measure, days, group_name", """
        measure string; days int [1..]; group_name string; customers int [0..]; mean float;
        lower float; upper float
    """),
    table("forecast_groups", "customer_id", """
        customer_id string; groups strings
    """),
    table("forecast_check", "made_as_of, days, measure, predictor, group_name", """
        made_as_of date; days int [1..]; measure string; predictor string; group_name string;
        value float?; lower float?; upper float?; n int [0..]
    """),
]
# fmt: on
