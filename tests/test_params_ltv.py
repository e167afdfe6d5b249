import pytest
from pydantic import ValidationError

from joren.params_ltv import Ltv


def test_ninety_and_three_hundred_and_sixty_five_days_are_always_forecast():
    assert Ltv(horizon_days=[400, 30]).horizons() == [30, 90, 365, 400]


def test_the_model_is_chosen_and_customers_are_one_cell_unless_said_otherwise():
    assert (Ltv().model, Ltv().by, Ltv().pooling) == ("auto", None, "hierarchical")


@pytest.mark.parametrize("wrong", [{"model": "bgnbd"}, {"by": "channel"}, {"horizon": [90]}])
def test_an_unknown_word_is_an_error(wrong):
    with pytest.raises(ValidationError):
        Ltv(**wrong)
