from __future__ import annotations

import json
from types import SimpleNamespace

from jupyterhub.auth import DummyAuthenticator
from traitlets.config import Config

from joren.serve.hub_auth import ADMINS, Passwords, Placed
from joren.serve.hub_config import configure, entrance

TOLD = {
    "port": 8000,
    "hub_port": 8001,
    "proxy_port": 8002,
    "proxy": "/usr/bin/configurable-http-proxy",
    "public": "https://dash.example.jp/",
    "secure": True,
    "state": "/state",
    "users": {"alfa": []},
    "doors": {"alfa-viewer": {"port": 8003}},
    "refresh_seconds": 60,
}


def _configured(tmp_path, c: Config | None = None) -> Config:
    c = c or Config()
    file = tmp_path / "hub.json"
    file.write_text(json.dumps(TOLD))
    configure(c, file)
    return c


def test_a_user_has_no_token_no_server_and_one_door(tmp_path):
    roles = {role["name"]: role for role in _configured(tmp_path).JupyterHub.load_roles}
    assert roles["user"]["scopes"] == ["read:users:name!user", "read:users:groups!user"]
    assert roles["door-alfa-viewer"]["scopes"] == ["access:services!service=alfa-viewer"]
    assert roles["door-alfa-viewer"]["groups"] == ["alfa-viewer"]


def test_an_admin_may_read_and_enters_no_dashboard(tmp_path):
    roles = {role["name"]: role for role in _configured(tmp_path).JupyterHub.load_roles}
    assert roles["admins"]["groups"] == [ADMINS]
    assert not [scope for scope in roles["admins"]["scopes"] if "access" in scope]
    assert "admin:users" not in roles["admins"]["scopes"]


def test_everything_listens_on_the_loopback(tmp_path):
    c = _configured(tmp_path)
    addresses = [c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url]
    addresses += [service["url"] for service in c.JupyterHub.services]
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)


def test_no_command_holds_a_key(tmp_path):
    [service] = _configured(tmp_path).JupyterHub.services
    settings = str(tmp_path / "alfa-viewer.json")
    assert service["command"][1:] == ["-I", "-m", "joren.serve.keeper", settings]


def test_cookies_travel_by_tls_only_where_viewers_come_by_tls(tmp_path):
    options = _configured(tmp_path).JupyterHub.tornado_settings["cookie_options"]
    assert options == {"secure": True, "samesite": "Lax"}


def test_passwords_are_asked_for_unless_the_operator_chose_another_service(tmp_path):
    assert _configured(tmp_path).JupyterHub.authenticator_class is Passwords
    c = Config()
    c.JupyterHub.authenticator_class = "jupyterhub.auth.DummyAuthenticator"
    chosen = _configured(tmp_path, c).JupyterHub.authenticator_class
    assert issubclass(chosen, DummyAuthenticator) and issubclass(chosen, Placed)


def test_who_logs_in_lands_at_their_dashboard():
    groups = [SimpleNamespace(name=name) for name in (ADMINS, "alfa-viewer")]
    user = SimpleNamespace(groups=groups)
    assert entrance(SimpleNamespace(current_user=user)) == "/services/alfa-viewer/"
    assert entrance(SimpleNamespace(current_user=None)) == "/hub/home"
