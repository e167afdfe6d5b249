"""Tables of stage 03: routes, attribution and flows."""

from joren.contracts.declare import table

_CROSS_SELL = """
    product string; next_product string; customers int; of_customers int; share float [0..1];
    expected float [0..1]; lift float; lower float?; upper float?; q_value float [0..1];
    first_before float? [0..1]; before_lower float?; before_upper float?
"""

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
    table("route_comparisons", "group_name, source_touchpoint, target_touchpoint", """
        group_name string; beside string; source_touchpoint string; target_touchpoint string;
        customers int [1..]; customers_beside int [1..]; probability float [0..1];
        probability_beside float [0..1]; difference float [-1..1]; lower float; upper float;
        p_adjusted float [0..1]; q_value float [0..1]
    """),
    table("route_changes", "campaign_id, routes, source_touchpoint, target_touchpoint", """
        campaign_id string; routes string; source_touchpoint string; target_touchpoint string;
        customers int [1..]; customers_control int [1..]; transitions float;
        transitions_control float; difference float; lower float; upper float;
        p_adjusted float [0..1]; q_value float [0..1]; placebo_p float? [0..1]
    """),
    table("route_values", "kind, item", """
        kind string; item string; customers int [1..]; raw_difference float; mean_ltv float;
        ltv_difference float; lower float; upper float
    """),
    table("churn_signs", "kind, sign", """
        kind string; sign string; place int [1..]; customers int [0..]; weeks int [0..];
        lost int [0..]; lift float? [0..]; lower float? [0..]; upper float? [0..];
        lift_early float [0..]; lower_early float [0..]; recall float [0..1];
        precision float? [0..1]; lead_days float? [0..]
    """),
    table("churn_routes", "source_touchpoint, target_touchpoint, cause", """
        source_touchpoint string; target_touchpoint string; cause string; customers int [1..];
        ended int [0..]; days int [1..]; incidence float [0..1]; lower float [0..1];
        upper float [0..1]
    """),
    table("churn_hazard", "source_touchpoint, target_touchpoint, cause, tenure", """
        source_touchpoint string; target_touchpoint string; cause string; tenure int [0..];
        weeks float [0..]; ended int [0..]; hazard float [0..]; lower float [0..];
        upper float [0..]
    """),
    table("attribution", "touchpoint, model", """
        touchpoint string; model string; share float [0..1]; value float; lower float?;
        upper float?; conversions float [0..]; value_lower float?; value_upper float?;
        removal_effect float? [0..1]; chosen bool
    """),
    table("subscription_flow", "product_id, order_number", """
        product_id string; order_number int [1..]; at_risk int [0..]; continued int [0..];
        cancelled int [0..]; continuation_rate float? [0..1]; lower float?; upper float?;
        open_now int [0..]; skipped int [0..]; paused int [0..]; voluntary int [0..];
        payment int [0..]; other int [0..]; committed int [0..]; free_rate float? [0..1];
        free_lower float?; free_upper float?; had_order int [0..]; naive_rate float [0..1];
        reached float? [0..1]; reached_lower float?; reached_upper float?
    """),
    table("subscription_changes", "kind, product_id, to_product", """
        kind string; product_id string; to_product string?; changed int [0..]; could int [1..];
        share float [0..1]; lower float [0..1]; upper float [0..1]; order_number float? [1..];
        days_from float? [0..]; days_to float? [0..]
    """),
    table("purchase_flow", "from_order, to_order, product", """
        from_order int [1..]; to_order int; product string?; customers int [0..];
        rate float [0..1]; lower float? [0..1]; upper float? [0..1]; median_days float?;
        days_to_half float?; followed int [0..]; naive_rate float [0..1]; horizon int [1..]
    """),
    table("product_mix", "product_id", """
        product_id string; customers int [0..]; new_customers int [0..]; purchases int [0..];
        again int [0..]; again_share float [0..1]; repeat_rate float? [0..1];
        lower float? [0..1]; upper float? [0..1]; median_days float?
    """),
    table("leaving_products", "product_id", """
        product_id string; customers int [0..]; left float [0..1]; lower float [0..1];
        upper float [0..1]; others float? [0..1]; q_value float? [0..1]
    """),
    table("entry_products", "product_id", """
        product_id string; customers int [1..]; raw_mean float; mean float; lower float;
        upper float; centre float; centre_lower float; centre_upper float
    """),
    table("cohorts", "month, day", """
        month timestamp; day int [1..]; customers int [1..]; repeated float [0..1]; spend float
    """),
    table("onboarding", "month, step", """
        month string; step string; customers int [0..]; reached int [0..]; rate float [0..1];
        lower float? [0..1]; upper float? [0..1]; median_days float?
    """),
    table("cross_sell", "product, next_product", _CROSS_SELL),
    table("cross_sell_categories", "product, next_product", _CROSS_SELL),
    table("channel_preference", "group_name, channel", """
        group_name string; channel string; customers int [0..]; preferring int [0..];
        share float [0..1]; lower float? [0..1]; upper float? [0..1]
    """),
    table("channel_contribution", "channel, touchpoint", """
        channel string; touchpoint string; customers int [0..]; ordered float [0..1];
        usual float [0..1]; difference float; lower float; upper float
    """),
    table("weather_uplift", "store", """
        store string; days int [0..]; wet_days int [0..]; orders int [0..]; change float;
        lower float; upper float; own_change float?; day_after float?; dispersion float?
    """),
    table("weather_trigger", "store", """
        store string; fired int [0..]; days int [0..]; share_fired float [0..1];
        last_fired date?; orders int [0..]; value float; cost float; needed_uplift float?;
        needed_orders float?
    """),
    table("stock_cover", "product_id", """
        product_id string; name string?; category string?; counted_on date; on_hand float;
        sold float; cover_days float?; cover_lower float; cover_upper float?; overstocked bool;
        unit_cost float?; price float?; floor_price float?; largest_discount float? [0..1];
        money_bound float?
    """),
    table("stock_candidates", "product_id, customer_id", """
        product_id string; customer_id string; place int [1..]; score float; category_days int;
        days int; largest_discount float [0..1]
    """),
]
# fmt: on
