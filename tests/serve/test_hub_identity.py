from __future__ import annotations

from joren.serve.hub_identity import BELIEVED_SECONDS, HubIdentity, identity_config

HUB = {
    "api_url": "http://127.0.0.1:1/hub/api",
    "api_token": "secret",
    "prefix": "/services/alfa-viewer/",
    "client_id": "service-alfa-viewer",
    "scopes": ["access:services!service=alfa-viewer"],
    "secure": True,
}


def test_a_dashboard_asks_the_hub_with_what_it_was_told_and_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "another's")
    provider = HubIdentity(config=identity_config(HUB))
    auth = provider.hub_auth
    assert (auth.api_token, auth.api_url, auth.base_url) == (
        "secret",
        HUB["api_url"],
        HUB["prefix"],
    )
    assert auth.access_scopes == set(HUB["scopes"])
    assert auth.cookie_options["secure"] is True and auth.cookie_options["httponly"] is True


def test_the_hub_is_asked_again_soon_so_that_logging_out_counts():
    provider = HubIdentity(config=identity_config(HUB))
    assert provider.hub_auth.cache_max_age == BELIEVED_SECONDS <= 10


def test_only_the_logins_second_half_has_an_address_here():
    provider = HubIdentity(config=identity_config(HUB))
    assert [handler[0] for handler in provider.get_handlers()] == [
        "/services/alfa-viewer/oauth_callback"
    ]
