"""Hand a message over to the mail server, again where it says to try later."""

from __future__ import annotations

import smtplib
import ssl
import time
from email.message import EmailMessage

from joren.errors import JorenError
from joren.params_report import Smtp

_WAITS = (2.0, 10.0, 60.0)  # seconds before each further try


class NotTaken(JorenError):
    """The server certainly does not have the message."""


def compose(
    sender: str, recipient: str, subject: str, body: str, attachments: dict[str, bytes]
) -> EmailMessage:
    """A message with attachments, UTF-8 throughout.

    Parameters
    ----------
    attachments : file name → content; .pdf, .xlsx and .pptx are told by their ending
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message.set_content(body)
    kinds = {
        "pdf": ("application", "pdf"),
        "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "pptx": ("application", "vnd.openxmlformats-officedocument.presentationml.presentation"),
    }
    for name, content in attachments.items():
        main, sub = kinds[name.rpartition(".")[2]]
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def hand_over(
    message: EmailMessage, smtp: Smtp, password: str | None, waits: tuple[float, ...] = _WAITS
) -> int:
    """Send one message; returns how many tries it took.

    A server that is not there or answers 4xx is tried again after each wait. Once the message's
    content was on its way and the connection broke, it is not: the server may have taken it.

    Raises
    ------
    NotTaken if the server refused it (5xx) or did not take it in the end
    JorenError if nobody knows whether it was taken
    """
    where = f"{smtp.host}:{smtp.port}"
    last = ""
    for tries, wait in enumerate((*waits, None), start=1):
        try:
            with _connect(smtp) as server:
                if smtp.user:
                    server.login(smtp.user, password or "")
                _offer(server, message, where)
                return tries
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            code, last = _answer(error)
            if code >= 500:
                raise NotTaken(
                    f"the mail server refused the message: {last}", where,
                    "correct the address or the server's settings",
                ) from None  # fmt: skip
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            last = str(error)
        if wait is not None:
            time.sleep(wait)
    raise NotTaken(
        f"the mail server did not take the message: {last}", where,
        "try again later; nothing was sent",
    )  # fmt: skip


def _connect(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if smtp.security == "tls":
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=30, context=context)
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=30)
    if smtp.security == "starttls":
        server.starttls(context=context)
    return server


def _offer(server: smtplib.SMTP, message: EmailMessage, where: str) -> None:
    server.ehlo_or_helo_if_needed()
    code, answer = server.mail(message["From"])
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, answer, message["From"])
    code, answer = server.rcpt(message["To"])
    if code not in (250, 251):
        raise smtplib.SMTPRecipientsRefused({message["To"]: (code, answer)})
    try:
        code, answer = server.data(message.as_bytes())
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise JorenError(
            f"the connection broke while the message was on its way: {error}", where,
            "ask the recipient before sending again with --again",
        ) from None  # fmt: skip
    if code != 250:
        raise smtplib.SMTPDataError(code, answer)


def _answer(error: smtplib.SMTPException) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, said),) = error.recipients.values()
    else:
        code, said = error.smtp_code, error.smtp_error
    return code, f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
