"""Tables of stage 03: routes, attribution and flows."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("route_steps", "customer_id, step", """
        customer_id string; step int [1..]; code int [1..]; touchpoint string; at timestamp;
        tied bool; kind string; channel string?; campaign_id string?; value money?;
        number int? [1..]
    """),
    table("route_counts", "source_touchpoint, target_touchpoint, group_name", """
        source_touchpoint string; target_touchpoint string; group_name string;
        customers int [1..]; transitions int [1..]; probability float [0..1];
        median_hours float? [0..]
    """),
    table("route_edges", "source_touchpoint, target_touchpoint, group_name", """
        source_touchpoint string; target_touchpoint string; group_name string; customers int;
        transitions int; probability float [0..1]; median_hours float?; ltv_difference float?;
        lower float?; upper float?; q_value float? [0..1]
    """),
    table("route_paths", "path, group_name", """
        path string; group_name string; customers int; share float [0..1]; converted int;
        churned int; mean_ltv float?; lower float?; upper float?
    """),
    table("attribution", "touchpoint, model", """
        touchpoint string; model string; share float [0..1]; value float; lower float?;
        upper float?; conversions float [0..]; value_lower float?; value_upper float?;
        removal_effect float? [0..1]; chosen bool
    """),
    table("subscription_flow", "product_id, order_number", """
        product_id string; order_number int; at_risk int; continued int; cancelled int;
        continuation_rate float? [0..1]; lower float?; upper float?
    """),
    table("purchase_flow", "from_order, to_order, product", """
        from_order int; to_order int; product string?; customers int; rate float [0..1];
        median_days float?
    """),
    table("cross_sell", "product, next_product", """
        product string; next_product string; customers int; lift float; lower float?;
        upper float?
    """),
]
# fmt: on
