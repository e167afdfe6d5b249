"""JupyterHub's configuration: `configure(get_config(), FILE)`.

Users have no server, no token and no interface of the hub: they may enter one dashboard. That is
a service of the hub, with a keeper (`keeper.py`) behind it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jupyterhub.services.service import _ServiceSpawner
from jupyterhub.spawner import Spawner
from traitlets import import_item
from traitlets.config import Config

from joren.serve.hub_auth import ADMINS, Passwords, Placed

# seconds until the hub notices that a keeper was killed; its own 30 leave a door shut for long
NOTICE_SECONDS = 3
READING = ["admin-ui", "list:users", "read:users", "read:groups", "list:services", "read:services"]
ITSELF = ["read:users:name!user", "read:users:groups!user"]


class NoServer(Spawner):
    """Nobody has a server of their own here."""

    async def start(self) -> Any:
        raise RuntimeError("nobody has a server of their own here")

    async def stop(self, now: bool = False) -> None:
        """There is nothing to stop."""

    async def poll(self) -> int:
        """Always ended."""
        return 0


def configure(c: Config, file: Path) -> None:
    """Fill JupyterHub's configuration.

    Parameters
    ----------
    c : JupyterHub's own, which an operator's file may have filled before; what decides who may
        see what is written over
    file : what `hub.write_configuration` wrote
    """
    told = json.loads(file.read_text(encoding="utf-8"))
    private = file.parent
    hub, proxy = c.JupyterHub, c.ConfigurableHTTPProxy
    hub.bind_url = f"http://127.0.0.1:{told['port']}"
    hub.hub_bind_url = f"http://127.0.0.1:{told['hub_port']}"
    hub.public_url = told["public"]
    hub.db_url = f"sqlite:///{private / 'hub.sqlite'}"
    hub.cookie_secret_file = str(private / "cookie_secret")
    hub.cookie_max_age_days = 1
    hub.cleanup_servers = hub.cleanup_proxy = True
    hub.allow_named_servers = False
    hub.spawner_class = NoServer
    hub.default_url = entrance
    hub.tornado_settings = {
        "headers": {"Server": "joren", "Referrer-Policy": "same-origin"},
        "cookie_options": {"secure": told["secure"], "samesite": "Lax"},
    }
    proxy.api_url = f"http://127.0.0.1:{told['proxy_port']}"
    proxy.command = [told["proxy"]]
    proxy.pid_file = str(private / "proxy.pid")
    _ServiceSpawner.poll_interval.default_value = NOTICE_SECONDS

    _let_in(c, told)
    doors = told["doors"]
    hub.services = [_service(door, about, private) for door, about in doors.items()]
    hub.load_roles = [
        # in place of JupyterHub's own, which gives everybody tokens and a server
        {"name": "user", "scopes": ITSELF},
        {"name": "admins", "groups": [ADMINS], "scopes": READING},
        *({"name": f"door-{door}", "groups": [door], "scopes": [_access(door)]} for door in doors),
    ]


def _let_in(c: Config, told: dict[str, Any]) -> None:
    chosen = c.JupyterHub.get("authenticator_class", Passwords)
    if isinstance(chosen, str):
        chosen = import_item(chosen)
    if not issubclass(chosen, Placed):
        chosen = type("PlacedAuthenticator", (Placed, chosen), {})
    c.JupyterHub.authenticator_class = chosen
    c.Placed.state, c.Placed.told = told["state"], told["users"]
    a = c.Authenticator
    # who may enter what is decided by `Placed`, for whomever the authenticator knows
    a.allow_all = a.manage_groups = True
    a.admin_users = set()
    a.auth_refresh_age = told["refresh_seconds"]


def _access(door: str) -> str:
    return f"access:services!service={door}"


def _service(door: str, about: dict[str, Any], private: Path) -> dict[str, Any]:
    settings = private / f"{door}.json"
    return {
        "name": door,
        "url": f"http://127.0.0.1:{about['port']}",
        "command": [sys.executable, "-I", "-m", "joren.serve.keeper", str(settings)],
        "cwd": str(private),
        "oauth_no_confirm": True,
        "display": False,
    }


def entrance(handler: Any) -> str:
    """Where somebody lands who has just logged in: at their own dashboard."""
    user = handler.current_user
    groups = [group.name for group in user.groups] if user else []
    doors = [group for group in groups if group != ADMINS]
    return f"/services/{doors[0]}/" if doors else "/hub/home"
