"""Mail the month-end report of the served run: shown first, sent once approved, never twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joren import text
from joren.errors import JorenError, ParameterError
from joren.operating import send_log
from joren.operating.mail import NotTaken, compose, hand_over
from joren.params import Params
from joren.secrets import given_secret
from joren.workspace import Workspace, client_lock, read_json

_FORMS = ("report.pdf", "report.xlsx", "report.pptx")


@dataclass(frozen=True)
class Letter:
    """One report for one recipient: `waiting`, `sent`, `failed`, or `unknown` after a crash."""

    recipient: str
    key: str
    status: str
    at: str = ""


@dataclass(frozen=True)
class Mailing:
    """What is to be sent: subject, body, attachments (name → path), and to whom."""

    subject: str
    body: str
    attachments: Mapping[str, Path]
    letters: tuple[Letter, ...]


def prepare(workspace: Workspace, params: Params) -> Mailing:
    """The mailing of the served run, as it would be sent now; sends nothing.

    Raises
    ------
    JorenError if nothing was published or there is no PDF; ParameterError without recipients
    """
    run = workspace.latest()
    if run is None or not (run / "report.pdf").is_file():
        raise JorenError(
            f"there is no report of {params.client} to send", str(workspace.reports),
            f"run `joren run {params.client}`",
        )  # fmt: skip
    if not params.report.recipients:
        raise ParameterError(
            "nobody receives the report", "report.recipients", "name at least one address"
        )
    record = read_json(run / "run.json")
    attached = {name: run / name for name in _FORMS if (run / name).is_file()}
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in attached.values())).hexdigest()[:16]
    known = send_log.read(workspace)
    letters = []
    for recipient in params.report.recipients:
        key = send_log.message_key(record["run_id"], digest, recipient)
        last = known.get(key)
        letters.append(
            Letter(recipient, key, last.status, last.at)
            if last
            else Letter(recipient, key, "waiting")
        )
    facts = {"title": params.title.model_dump()[params.language], "as_of": record["as_of"]}
    say = _words(params)
    headlines = "\n".join(f"・{sentence}" for sentence in _headlines(run, params.language))
    body = say("body", **facts, headlines=headlines, digest=digest, run=record["run_id"])
    prefix = f"{params.client}-{record['as_of']}"
    named = {f"{prefix}-{name}": path for name, path in attached.items()}
    return Mailing(say("subject", **facts), body, named, tuple(letters))


def send(workspace: Workspace, params: Params, again: bool = False) -> list[Letter]:
    """Send every letter that was not sent yet.

    Parameters
    ----------
    again : also those of which a crash left it unknown whether they were sent

    Returns
    -------
    every letter with what became of it

    Raises
    ------
    ParameterError without a sender
    """
    sender = params.report.smtp.sender
    if not sender:
        raise ParameterError("the mail has no sender", "report.smtp.sender", "give an address")
    with client_lock(workspace):
        mailing = prepare(workspace, params)
        contents = {name: path.read_bytes() for name, path in mailing.attachments.items()}
        password = given_secret(workspace, "smtp_password")
        return [
            _post(workspace, params, sender, mailing, letter, contents, password)
            if letter.status in ("waiting", "failed") or (again and letter.status == "unknown")
            else letter
            for letter in mailing.letters
        ]


def _post(
    workspace: Workspace,
    params: Params,
    sender: str,
    mailing: Mailing,
    letter: Letter,
    contents: dict[str, bytes],
    password: str | None,
) -> Letter:
    message = compose(sender, letter.recipient, mailing.subject, mailing.body, contents)
    send_log.write(workspace, letter.key, "sending")
    try:
        tries = hand_over(message, params.report.smtp, password)
    except NotTaken as error:
        send_log.write(workspace, letter.key, "failed", why=str(error))
        return Letter(letter.recipient, letter.key, "failed", str(error))
    except JorenError as error:
        return Letter(letter.recipient, letter.key, "unknown", str(error))
    send_log.write(workspace, letter.key, "sent", tries=tries)
    return Letter(letter.recipient, letter.key, "sent")


def tell_failure(workspace: Workspace, params: Params, cause: str) -> list[str]:
    """Tell the operators that a run failed; the message holds no figure of the client.

    Returns
    -------
    complaints of mails that could not be sent
    """
    smtp = params.report.smtp
    if not params.report.failure_recipients or not smtp.sender:
        return []
    say, complaints = _words(params), []
    password = given_secret(workspace, "smtp_password")
    for recipient in params.report.failure_recipients:
        message = compose(
            smtp.sender, recipient, say("failure_subject", client=params.client),
            say("failure_body", client=params.client, cause=cause), {},
        )  # fmt: skip
        try:
            hand_over(message, smtp, password, waits=())
        except JorenError as error:
            complaints.append(str(error))
    return complaints


def _words(params: Params):
    def say(entry: str, **values: Any) -> str:
        return text.render(params.language, f"mail.{entry}", currency=params.currency, **values)

    return say


def _headlines(run: Path, language: str) -> list[str]:
    report = read_json(run / "report.json")
    return [
        item["text"][language]
        for stage in report["stages"]
        for step in stage["steps"]
        for item in step["items"]
        if item["kind"] == "finding" and item["accent"]
    ]
