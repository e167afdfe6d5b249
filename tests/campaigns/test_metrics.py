from joren import text
from joren.campaigns.metrics import (
    CONTRACT_METRICS,
    COVARIATES,
    DEFAULT_KPI,
    HOUSE_KPIS,
    MEASURES,
    METRICS,
)


def test_every_kpi_is_made_of_known_measures():
    for metric in METRICS.values():
        assert metric.numerator in MEASURES
        assert metric.denominator in MEASURES
    assert set(COVARIATES) <= set(MEASURES)


def test_the_contracts_metrics_and_the_fields_kpis_are_there():
    assert CONTRACT_METRICS == (
        "response_rate", "repeat_rate", "orders", "revenue", "margin", "points_used", "ltv",
    )  # fmt: skip
    assert set(HOUSE_KPIS) <= set(METRICS)
    assert DEFAULT_KPI in METRICS


def test_only_the_basket_divides_by_an_outcome():
    assert [m.id for m in METRICS.values() if m.is_ratio] == ["average_basket"]
    assert METRICS["lapse_rate"].better == "fewer"


def test_every_kpi_is_defined_in_both_languages():
    for metric in METRICS:
        assert text.has(f"campaigns.metric.{metric}")
        assert text.has(f"campaigns.definition.{metric}")
