"""Parameters of lists that leave a run: how files are written, who is contacted how often."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from joren.params_section import Days, Section, Share


class Lists(Section):
    """Encoding of CSVs, share held out, and contacts over all channels within `cap_days`.

    `silence_is_consent` names the channels on which who never said yes or no may be contacted; mail
    is never one of them.
    """

    encoding: Literal["utf-8-sig", "cp932"] = "utf-8-sig"
    hold_out: Share = 0.1
    max_contacts: Annotated[int, Field(ge=1)] = 4
    cap_days: Days = 30
    silence_is_consent: list[Literal["dm", "line", "call"]] = ["dm", "line", "call"]
