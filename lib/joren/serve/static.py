"""The same pages without a kernel: one HTML file, its downloads beside it, nothing loaded.

Pictures stand as they open; choosing another filter needs the served dashboard, and the file says
so. It is made of the role's own folder, so it holds what the role may see and no more.
"""

from __future__ import annotations

import html
import json
import shutil
import tempfile
from pathlib import Path

from joren.errors import JorenError
from joren.serve import downloads, markup, page
from joren.serve.roles import ANALYST
from joren.serve.site import prepare_site
from joren.workspace import Workspace

_ASSETS = Path(__file__).parent / "assets"
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)


def write_copy(client: str, reports: Path, folder: Path, role: str = ANALYST) -> Path:
    """Write `index.html` and `downloads/` of the client's published run.

    Parameters
    ----------
    client : name of the client
    reports : folder of all clients' runs
    folder : where; made if absent, the files of an earlier copy are replaced
    role : whose pages

    Returns
    -------
    the page

    Raises
    ------
    JorenError if nothing is published, or there is no such role
    """
    run = Workspace(client, reports.resolve()).latest()
    if run is None:
        raise JorenError(
            f"nothing is published for {client}", str(reports), f"run `joren run {client}` first"
        )
    with tempfile.TemporaryDirectory(prefix="joren-copy-") as made:
        site = prepare_site(run, Path(made), role)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.rmtree(folder / downloads.FOLDER, ignore_errors=True)
        shutil.copytree(site / downloads.FOLDER, folder / downloads.FOLDER)
        target = folder / "index.html"
        partial = folder / ".index.html.partial"
        partial.write_text(copy_of(site), encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(target)
    return target


def copy_of(site: Path) -> str:
    """The page as one file.

    Parameters
    ----------
    site : a folder that `prepare_site` made
    """
    content = json.loads((site / "dashboard.json").read_text(encoding="utf-8"))
    body = markup.document(content, page.arrange(content), site, markup.embedded)
    title = html.escape(content["report"]["title"][content["report"]["language"]])
    style = (_ASSETS / "page.css").read_text(encoding="utf-8")
    scripts = "".join(
        f"<script>{(_ASSETS / name).read_text(encoding='utf-8')}</script>"
        for name in ("charts.js", "page.js")
    )
    return (
        f'<!doctype html><html lang="{content["report"]["language"]}"><head>'
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{title}</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head>'
        f'<body class="copy">{body}{scripts}</body></html>'
    )
