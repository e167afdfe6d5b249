"""When points lapse where their source does not say: the expiry policies of a parameter file."""

from __future__ import annotations

from typing import Any

from joren.errors import ParameterError

POLICIES = ("fixed", "sliding", "fiscal_year_end", "none")


def rule_expiry(policy: dict[str, Any], granted: str) -> str:
    """The SQL expression of the first moment at which points are no longer valid.

    Parameters
    ----------
    policy : `fixed` (months, or days, counted to the second from the grant on; a month that lacks
        the day ends on its last), `fiscal_year_end` (month, the last one of the year: valid until
        its end), or `none`
    granted : column of the moment, local time, from which points are valid

    Raises
    ------
    ParameterError for another policy, or a period that is not a positive whole number
    """
    kind = policy.get("policy")
    if kind in ("fixed", "sliding"):
        unit = "days" if "days" in policy else "months"
        return f"{granted} + INTERVAL {_whole(policy, unit)} {unit}"
    if kind == "fiscal_year_end":
        month = _whole(policy, "month", 12)
        ahead = f"(({month} - month({granted}) + 12) % 12 + 1)"
        return f"date_trunc('month', {granted}) + to_months({ahead}::INTEGER)"
    if kind == "none":
        return "NULL::TIMESTAMP"
    raise ParameterError(
        f"unknown expiry policy {kind!r}", "points.expiry", f"use one of {', '.join(POLICIES)}"
    )


def slides(policy: dict[str, Any]) -> bool:
    """Whether a grant puts off the expiry of those before it."""
    return policy.get("policy") == "sliding"


def _whole(policy: dict[str, Any], name: str, most: int = 36_500) -> int:
    value = policy.get(name)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ParameterError(
            f"{name} is {value!r}", "points.expiry", f"give a whole number from 1 to {most}"
        )
    return value
