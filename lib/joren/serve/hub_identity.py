"""How a dashboard behind the hub knows its viewer: by the hub's word, asked again and again.

The keys come with the configuration, not with the environment, which a kernel would inherit.
"""

from __future__ import annotations

from typing import Any

from jupyterhub.services.auth import HubOAuthCallbackHandler
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from traitlets.config import Config

# seconds the hub's word is believed: so long a cookie still works after its owner logged out
BELIEVED_SECONDS = 5


class HubIdentity(JupyterHubIdentityProvider):
    """JupyterHub's own provider, under this dashboard's address."""

    def get_handlers(self) -> list[tuple[Any, ...]]:
        """The one address of the login's second half; logging out is the hub's."""
        address = f"{self.hub_auth.base_url}oauth_callback"
        return [(address, Callback, {"hub_auth": self.hub_auth})]


class Callback(HubOAuthCallbackHandler):
    """The browser's return from the hub with a code."""

    def initialize(self, hub_auth: Any) -> None:
        self.hub_auth = hub_auth

    def set_default_headers(self) -> None:
        for name, value in self.settings["headers"].items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **_: Any) -> None:
        """The same plain page as everywhere."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(self.settings["refusals"][403])


def identity_config(hub: dict[str, Any]) -> Config:
    """The provider's configuration.

    Parameters
    ----------
    hub : api_url, api_token, prefix, client_id, scopes and secure, as the keeper was told
    """
    c = Config()
    c.Voila.identity_provider_class = HubIdentity
    # else Voilà hands the provider an empty token
    c.Voila.auto_token = True
    o = c.HubOAuth
    o.api_url, o.api_token = hub["api_url"], hub["api_token"]
    o.base_url, o.hub_prefix, o.hub_host = hub["prefix"], "/hub/", ""
    o.oauth_client_id = hub["client_id"]
    o.oauth_redirect_uri = f"{hub['prefix']}oauth_callback"
    o.access_scopes = set(hub["scopes"])
    o.cache_max_age = BELIEVED_SECONDS
    o.cookie_options = {"secure": hub["secure"], "samesite": "Lax", "httponly": True}
    return c
