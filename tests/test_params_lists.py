"""Parameters of lists: what a client may say, and what no client may."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from joren.params import Params
from joren.params_lists import Lists
from joren.params_points import Points


def test_silence_is_never_consent_to_mail():
    assert Lists().silence_is_consent == ["dm", "line", "call"]
    assert Lists(silence_is_consent=[]).silence_is_consent == []
    with pytest.raises(ValidationError):
        Lists(silence_is_consent=["email"])


@pytest.mark.parametrize("changes", [{"hold_out": 1.1}, {"max_contacts": 0}, {"cap_days": 0}])
def test_shares_and_counts_have_their_bounds(changes):
    with pytest.raises(ValidationError):
        Lists(**changes)


def test_a_list_of_expiring_points_has_a_channel():
    assert Points().expiring_channels == ["email", "line"]
    with pytest.raises(ValidationError):
        Points(expiring_channels=[])


def test_the_house_defaults_are_those_of_the_code():
    from joren.params import load_client

    params: Params = load_client("cdnow").params
    assert params.lists == Lists()
    assert params.points.expiring_channels == Points().expiring_channels
