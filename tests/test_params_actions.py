"""Parameters of actions: what a client may say, and what no client may."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from joren.params import Params, load_client
from joren.params_actions import Actions, HandOver


def test_the_house_defaults_are_those_of_the_code():
    params: Params = load_client("cdnow").params
    assert params.actions == Actions()


@pytest.mark.parametrize(
    "url", ["https://ma.example.jp/in", "http://127.0.0.1:8080/x", "http://[::1]/x"]
)
def test_lists_go_to_https_or_to_this_machine(url):
    assert HandOver(url=url).url == url


@pytest.mark.parametrize(
    "url",
    ["http://ma.example.jp/in", "ftp://ma.example.jp", "https://", "https://me:pw@ma.example.jp/",
     "http://127.0.0.1.example.jp/", "file:///etc/passwd"],
)  # fmt: skip
def test_lists_go_nowhere_else(url):
    with pytest.raises(ValidationError):
        HandOver(url=url)


@pytest.mark.parametrize(
    "changes",
    [{"plays": {"lapst": {}}}, {"lists_a_customer": 0}, {"calls": {"seats": -1}},
     {"plays": {"lapsed": {"channels": []}}}, {"unit_costs": {"fax": 1}}],
)  # fmt: skip
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(ValidationError):
        Actions(**changes)
