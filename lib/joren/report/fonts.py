"""The report's one typeface, cut down to the characters a page uses and embedded in it."""

from __future__ import annotations

import base64
import io
from functools import cache
from pathlib import Path

FAMILY = "Joren"


def font_path() -> Path:
    """The Japanese typeface that matplotlib-fontja ships (IPAexGothic)."""
    import importlib.util

    spec = importlib.util.find_spec("matplotlib_fontja")
    return next(Path(spec.origin).parent.glob("fonts/*.ttf"))


def missing_glyphs(characters: str) -> set[str]:
    """The printable characters the typeface cannot draw."""
    known = _known_codepoints()
    return {c for c in characters if c.isprintable() and not c.isspace() and ord(c) not in known}


def subset_css(characters: str) -> str:
    """An @font-face rule holding just the glyphs of `characters`, as a data address."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        flavor="woff",
        hinting=False,
        notdef_outline=True,
        layout_features=["*"],
        name_IDs=[1, 2, 13],
    )
    options.recalc_timestamp = False
    font = TTFont(font_path(), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(set(characters))))
    subsetter.subset(font)
    font.flavor = "woff"
    stream = io.BytesIO()
    font.save(stream, reorderTables=False)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return (
        f'@font-face{{font-family:"{FAMILY}";'
        f'src:url("data:font/woff;base64,{data}") format("woff");}}'
    )


@cache
def _known_codepoints() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(font_path()).getBestCmap())
