"""Tables of stage 05: readouts and the PDCA ledger."""

from joren.contracts.declare import table

# fmt: off
TABLES = [
    table("experiment_readout", "campaign_id, arm, metric, segment", """
        campaign_id string; arm string; metric string; segment string; n int; n_control int;
        effect float?; lower float?; upper float?; p_better float? [0..1]; grade string;
        method string; srm_p float? [0..1]
    """),
    table("campaign_plans", "campaign_id", """
        campaign_id string; name string; kind string; starts_on date; last_day date; status string;
        hash string?; earlier_hash string?; changed strings; frozen_at timestamp?;
        frozen_as_of date?; opened_at timestamp?; opens bool; plan string
    """),
    table("pdca", "campaign_id", """
        campaign_id string; objective string?; kpi string?; target string?; result string?;
        decision string?; next_step string?
    """),
]
# fmt: on
