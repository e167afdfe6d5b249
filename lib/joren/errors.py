"""One family of errors: what is wrong, where, and what to do about it."""

from __future__ import annotations


class JorenError(Exception):
    """An error a user can act on; printed by the command line as one paragraph, without traceback.

    Parameters
    ----------
    what : what is wrong, a short clause without full stop
    where : file, row, column or parameter path; empty where there is none
    remedy : what to do, an imperative clause without full stop
    """

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{self.what}{place}.{advice}"


class ParameterError(JorenError):
    """A parameter file is wrong; nothing was started (exit status 2)."""


class InputError(JorenError):
    """An input file is missing or unreadable; nothing was started (exit status 2)."""


class RunInProgress(JorenError):
    """Another run holds the client's lock; nothing was started (exit status 2)."""


class ContractError(JorenError):
    """A table does not satisfy contract.py."""


class StepFailed(JorenError):
    """A step of the sequence failed; nothing is published (exit status 1)."""


class QualityError(JorenError):
    """The inputs are too poor or too old to publish from (exit status 1)."""
