"""Hand a list to another system: one POST of its file, once, and only when approved.

The file goes as it was exported. Whoever receives it can tell that it is whole and from us by the
HMAC-SHA256 of its bytes under a secret that somebody gave, in the environment or the client's
secrets. A line is written before the bytes leave and after the answer came; where a crash left the
first alone nobody knows what arrived, so the list counts as handed over until somebody says
otherwise.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joren.errors import JorenError, ParameterError
from joren.operating import send_log
from joren.secrets import given_secret
from joren.workspace import Workspace, client_lock

LOG = "hand_over.jsonl"
SECRET = "hand_over"
_TIMEOUT = 30
SENT, UNKNOWN, FAILED, DRY = "sent", "unknown", "failed", "dry_run"
_BEFORE = {
    SENT: "this list was handed over before",
    UNKNOWN: "a hand-over of this list was cut short; nobody knows whether it arrived",
}


@dataclass(frozen=True)
class HandOver:
    """What was done with a list: `dry_run` or `sent`; rows and bytes of its file, and where to."""

    list_name: str
    status: str
    rows: int
    size: int
    url: str


def hand_over(
    workspace: Workspace, list_name: str, url: str | None, approved: bool, again: bool = False
) -> HandOver:
    """Post a list of the published run.

    Parameters
    ----------
    url : from parameter actions.hand_over.url, https or this machine
    approved : without it nothing leaves
    again : also if the same file was handed over before, or may have been

    Raises
    ------
    ParameterError without an address or a secret; JorenError if the list is not there, was handed
    over before, or the receiver did not take it
    """
    if url is None:
        raise ParameterError(
            "there is no address to hand lists to", "actions.hand_over.url", "set it"
        )
    with client_lock(workspace):
        path = _file(workspace, list_name)
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        key = f"{list_name}:{digest}:{url}"
        last = send_log.read(workspace, LOG).get(key)
        if last is not None and last.status in (SENT, UNKNOWN) and not again:
            raise JorenError(_BEFORE[last.status], str(path), "ask the receiver, then use --again")
        done = HandOver(list_name, SENT, max(body.count(b"\r\n") - 1, 0), len(body), url)
        if not approved:
            return replace(done, status=DRY)
        request = _request(workspace, url, list_name, path, body, digest)
        facts = {"list": list_name, "run": path.parent.parent.name, "rows": done.rows}
        send_log.write(workspace, key, "sending", log=LOG, **facts)
        try:
            code = _post(request)
        except _Unanswered:
            raise  # the log's last word stays `sending`
        except JorenError as error:
            send_log.write(workspace, key, FAILED, log=LOG, why=error.what, **facts)
            raise
        send_log.write(workspace, key, SENT, log=LOG, code=code, **facts)
    return done


def _file(workspace: Workspace, list_name: str) -> Path:
    run = workspace.latest()
    if run is None:
        raise JorenError("no run was published yet", str(workspace.root), "run the client first")
    folder = run / "exports"
    names = sorted(path.stem for path in folder.glob("*.csv"))
    if list_name not in names:
        raise JorenError(
            f"the published run has no list {list_name!r}",
            str(folder),
            f"choose of {', '.join(names)}" if names else "it has none",
        )
    return folder / f"{list_name}.csv"


def _request(
    workspace: Workspace, url: str, list_name: str, path: Path, body: bytes, digest: str
) -> urllib.request.Request:
    secret = given_secret(workspace, SECRET)
    if not secret:
        variable = f"JOREN_SECRET_{workspace.client}_{SECRET}".upper().replace("-", "_")
        raise ParameterError(
            "there is no secret to sign lists with", variable, "set it in the environment"
        )
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "text/csv",
        "Idempotency-Key": digest,
        "X-Joren-Client": workspace.client,
        "X-Joren-Run": path.parent.parent.name,
        "X-Joren-List": list_name,
        "X-Joren-Signature": f"sha256={signature}",
    }
    return urllib.request.Request(url, data=body, headers=headers, method="POST")


class _Unanswered(JorenError):
    """The bytes left and no answer came: what arrived is not known."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Personal data goes to the address that was given, and nowhere it points to."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _post(request: urllib.request.Request) -> int:
    local = urlsplit(request.full_url).scheme == "http"
    proxies = [urllib.request.ProxyHandler({})] if local else []
    opener = urllib.request.build_opener(_NoRedirect, *proxies)
    try:
        with opener.open(request, timeout=_TIMEOUT) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        raise JorenError(
            f"the receiver answered {error.code}", request.full_url, "see its log; try again"
        ) from None
    except urllib.error.URLError as error:
        raise JorenError(
            f"the receiver cannot be reached: {error.reason}", request.full_url, "check the address"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise _Unanswered(
            f"the receiver broke off without an answer: {error}",
            request.full_url,
            "ask whether the list arrived",
        ) from None
