"""A segment into the client's parameter file: comments and order of the file stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from joren.params import load_client


def save_segment(path: Path, name: str, rule: Mapping[str, Any]) -> str:
    """Write `segments.custom.<name>` and hold the whole file valid, or leave it as it was.

    Returns
    -------
    where it stands, `<file>: segments.custom.<name>`

    Raises
    ------
    ParameterError if the file would not be valid any more
    """
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width = True, 200
    before = path.read_text(encoding="utf-8")
    content = yaml.load(before)
    content.setdefault("segments", {}).setdefault("custom", {})[name] = dict(rule)
    partial = path.with_name(f".{path.name}.partial.yaml")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            yaml.dump(content, stream)
        load_client(str(partial))
        partial.chmod(path.stat().st_mode)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return f"{path.name}: segments.custom.{name}"
