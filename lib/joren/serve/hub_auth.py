"""Who a name is at the hub: passwords, and which one dashboard each person may enter.

Any authenticator of JupyterHub can say who somebody is (OAuth, LDAP, our own passwords); what they
may see is always read from the users of the clients, again and again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Dict, Unicode

from joren.serve.users import User, all_users, password_fits

ADMINS = "joren-admins"
FAILED_PAUSE_SECONDS = 1.0
TRIES_AT_ONCE = 4


def groups_of(user: User | None) -> list[str]:
    """The hub's groups of a user: its dashboard's, and the admins'; none for a stranger."""
    if user is None:
        return []
    return [user.door, *([ADMINS] if user.admin else [])]


class Placed(Authenticator):
    """Let in only who is a user of a client, and to that client and role only.

    Mixed before an authenticator, which says who somebody is.
    """

    state = Unicode(config=True, help="folder of all clients' memories")
    told = Dict(config=True, help="client → the users its parameters name")

    def find(self, name: str) -> User | None:
        """The user of that name now."""
        return all_users(Path(self.state), self.told).get(name)

    async def get_authenticated_user(self, handler: Any, data: Any) -> dict[str, Any] | None:
        """Known by the authenticator, and a user of a client."""
        known = await super().get_authenticated_user(handler, data)
        user = self.find(known["name"]) if known else None
        if user is None:
            return None
        return known | {"groups": groups_of(user), "admin": False}

    async def refresh_user(self, user: Any, handler: Any = None) -> bool | dict[str, Any]:
        """Take groups away, or change them, when the client's users changed."""
        fresh = await super().refresh_user(user, handler)
        if not fresh:
            return fresh
        return {"name": user.name, "groups": groups_of(self.find(user.name)), "admin": False}


class Passwords(Placed):
    """Passwords of our own, kept as scrypt hashes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._turn = asyncio.Semaphore(TRIES_AT_ONCE)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """The name, if the password is theirs; a wrong one takes a second longer.

        An unknown name takes as long as a wrong password.
        """
        user = self.find(data["username"].strip().lower())
        async with self._turn:
            fits = await asyncio.to_thread(
                password_fits, data["password"], user.password if user else None
            )
            if user and fits:
                return user.name
            await asyncio.sleep(FAILED_PAUSE_SECONDS)
        return None
