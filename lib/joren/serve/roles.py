"""Who a dashboard is for, and so what stands in the folder its kernel can open.

A viewer sees aggregates, an analyst also lists of masked customers, a manager also the lists that
leave the house. Nothing is hidden on the page: what a role may not see is not in its folder.
"""

from __future__ import annotations

from joren.errors import JorenError

VIEWER, ANALYST, MANAGER = "viewer", "analyst", "manager"
ROLES = (VIEWER, ANALYST, MANAGER)
# a viewer's cell stands for at least as many customers
FEWEST = 5


def known_role(role: str) -> str:
    """The role, if there is such a one.

    Raises
    ------
    JorenError otherwise
    """
    if role not in ROLES:
        raise JorenError(f"there is no role {role!r}", "--role", f"use one of {', '.join(ROLES)}")
    return role


def sees_people(role: str) -> bool:
    """Whether the role may see single customers, masked."""
    return role in (ANALYST, MANAGER)


def sees_exports(role: str) -> bool:
    """Whether the role may take away the lists of a run."""
    return role == MANAGER
