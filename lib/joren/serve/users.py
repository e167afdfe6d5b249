"""Who may see which client's dashboard in which role, and how their passwords are kept.

Nothing but the standard library is imported: the hub asks at every login.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from joren.errors import JorenError, ParameterError

# 32 MiB and about a tenth of a second a try: dear to guess, cheap to log in
COST, BLOCK, LANES = 2**15, 8, 1
SALT_BYTES, KEY_BYTES = 16, 32
SHORTEST = 10


@dataclass(frozen=True)
class User:
    """One person who may log in.

    Parameters
    ----------
    name : what they log in as; of one client only
    client : whose dashboard they see
    role : viewer, analyst or manager
    password : scrypt hash, or None where another service checks who they are
    admin : may open the hub's own admin page, to read
    """

    name: str
    client: str
    role: str
    password: str | None = None
    admin: bool = False

    @property
    def door(self) -> str:
        """The dashboard they enter: one process for each client and role."""
        return door_of(self.client, self.role)


def door_of(client: str, role: str) -> str:
    """The name of the dashboard of a client and role, such as `demo-viewer`."""
    return f"{client}-{role}"


def hash_password(password: str) -> str:
    """A salted scrypt hash, with its costs.

    Raises
    ------
    ParameterError if the password is shorter than ten characters
    """
    if len(password) < SHORTEST:
        raise ParameterError(
            f"the password has fewer than {SHORTEST} characters", "", "choose a longer one"
        )
    salt = secrets.token_bytes(SALT_BYTES)
    key = _scrypt(password, salt, COST, BLOCK, LANES)
    parts = (base64.b64encode(part).decode() for part in (salt, key))
    return "$".join(("scrypt", str(COST), str(BLOCK), str(LANES), *parts))


def password_fits(password: str, hashed: str | None) -> bool:
    """Whether the password is the hashed one; a missing hash takes as long and never fits."""
    known = hashed or _nobody()
    _, cost, block, lanes, salt, key = known.split("$")
    given = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(given, base64.b64decode(key)) and hashed is not None


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    memory = 2 * 128 * cost * block
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=memory, dklen=KEY_BYTES
    )


def _nobody() -> str:
    nothing = base64.b64encode(bytes(KEY_BYTES)).decode()
    return f"scrypt${COST}${BLOCK}${LANES}${nothing}${nothing}"


def users_file(state: Path, client: str) -> Path:
    """Where a client's users stand that `joren user` made; only its owner reads it."""
    return state / client / "secrets" / "users"


def add_user(state: Path, user: User) -> Path:
    """Write a user into the client's file, in the place of one of the same name.

    Parameters
    ----------
    state : folder of all clients' memories

    Returns
    -------
    the file
    """
    kept = [known for known in read_users(state, user.client) if known.name != user.name]
    return _write(state, user.client, sorted((*kept, user), key=lambda known: known.name))


def remove_user(state: Path, client: str, name: str) -> bool:
    """Take a user out of the client's file; whether there was one."""
    known = read_users(state, client)
    kept = [user for user in known if user.name != name]
    if len(kept) < len(known):
        _write(state, client, kept)
    return len(kept) < len(known)


def _write(state: Path, client: str, users: list[User]) -> Path:
    path = users_file(state, client)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    entries = [
        {name: value for name, value in asdict(user).items() if name != "client"} for user in users
    ]
    new = path.with_name(".users.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(entries, stream, indent=1)
    new.replace(path)
    return path


def read_users(state: Path, client: str) -> list[User]:
    """The users of a client's file.

    Raises
    ------
    JorenError if others can read the file, or it is damaged
    """
    path = users_file(state, client)
    if not path.is_file():
        return []
    if path.stat().st_mode & 0o077:
        raise JorenError("others can read the users", str(path), f"run `chmod 600 {path}`")
    try:
        return [User(client=client, **entry) for entry in json.loads(path.read_text())]
    except (ValueError, TypeError):
        raise JorenError("the users cannot be read", str(path), "make them again") from None


def all_users(state: Path, told: Mapping[str, Iterable[Mapping[str, object]]]) -> dict[str, User]:
    """Every user of every client by name.

    Parameters
    ----------
    state : folder of all clients' memories
    told : client → the users its parameters name

    Raises
    ------
    JorenError if two clients have a user of the same name
    """
    found: dict[str, User] = {}
    for client, entries in told.items():
        own = {str(entry["name"]): User(client=client, **entry) for entry in entries}
        # a password made later with `joren user` wins over the parameters
        own |= {user.name: user for user in read_users(state, client)}
        for name, user in own.items():
            if name in found:
                raise ParameterError(
                    f"the user {name} is of two clients: {found[name].client} and {client}",
                    "dashboard.users",
                    "give one of them another name",
                )
            found[name] = user
    return found


def is_name(name: str) -> bool:
    """Whether a person may be called that here; addresses may be names."""
    return re.fullmatch(r"[a-z0-9][a-z0-9._@-]{0,63}", name) is not None
