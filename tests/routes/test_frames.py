from datetime import date

import numpy as np
import pandas as pd
import pytest

from joren.contract import TABLES
from joren.routes.frames import as_table


def test_nothing_and_only_nulls_have_the_types_of_the_contract():
    schema = TABLES["purchase_flow"].ibis_schema().to_pyarrow()
    row = {"from_order": 1, "to_order": 2, "product": None, "customers": 5, "rate": 0.5,
           "lower": np.nan, "upper": np.nan, "median_days": np.nan, "days_to_half": np.nan,
           "followed": 3, "naive_rate": 0.4, "horizon": 365}  # fmt: skip

    assert as_table(pd.DataFrame(), "purchase_flow").schema == schema
    made = as_table(pd.DataFrame([row]), "purchase_flow")
    assert made.schema == schema
    assert made["lower"].null_count == made["product"].null_count == 1


def test_a_moment_becomes_a_day_and_a_missing_column_is_an_error():
    frame = pd.DataFrame([{
        "store": "本店", "fired": 1, "days": 2, "share_fired": 0.5,
        "last_fired": pd.Timestamp(2026, 3, 1), "orders": 3, "value": 1.0, "cost": 0.1,
        "needed_uplift": np.nan, "needed_orders": np.nan,
    }])  # fmt: skip

    assert as_table(frame, "weather_trigger")["last_fired"].to_pylist() == [date(2026, 3, 1)]
    with pytest.raises(KeyError, match="cost"):
        as_table(frame.drop(columns="cost"), "weather_trigger")
