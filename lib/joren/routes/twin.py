"""The interactive twin of the route map: one HTML file, nothing loaded from anywhere.

Picking a touchpoint shows what comes before and after it, with counts, shares and gaps; picking an
arrow shows its own. Two pictures stand in the file: layers from left to right, and for a phone from
top to bottom; the page's style shows the one that fits.
"""

from __future__ import annotations

import json
from html import escape
from itertools import pairwise
from pathlib import Path

from joren.report.figures import COLOURS
from joren.report.fonts import FAMILY, subset_css
from joren.routes.backbone import Backbone
from joren.routes.drawing import label_lines, legend_lines, thickness, wide_layout
from joren.routes.layout import layered
from joren.routes.touchpoints import END, START
from joren.text import LANGUAGES, format_value, render

_SIZE, _LINE = 14, 19  # px
_BOX = 116  # px, also on a phone: three beside each other in 390
_PHONE, _PHONE_COLUMNS = 390, 3
_WIDE_GAP = 64
Boxes = dict[str, tuple[float, float, float, float]]


def save_twin(backbone: Backbone, name: str, folder: Path) -> dict[str, Path]:
    """Write the twin beside its figure, in both languages: `<name>.<language>.html`.

    Parameters
    ----------
    backbone : from `backbone.backbone`
    name : the figure's name; the report links a twin of the same name
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {language: folder / f"{name}.{language}.html" for language in LANGUAGES}
    for language, path in files.items():
        path.write_text(twin(backbone, language), encoding="utf-8")
    return files


def twin(backbone: Backbone, language: str) -> str:
    """The page of one language."""
    wide, tall = _wide(backbone, language), _tall(backbone, language)
    legend = "".join(f"<p>{escape(line)}</p>" for line in legend_lines(backbone, language))
    words = {
        name: render(language, f"routes.map.{name}")
        for name in ("from", "to", "transitions", "share", "dwell")
    }
    told = json.dumps({"edges": _edges(backbone, language), "words": words}, ensure_ascii=False)
    # a name may hold anything, also the end of a script
    told = told.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    style = _STYLE.replace("FAMILY", f'"{FAMILY}"')
    parts = {
        "language": language,
        "style": style.replace("ACCENT", COLOURS["accent"]).replace("BLUE", COLOURS["blue"]),
        "wide": _svg(backbone, wide, language, "wide"),
        "tall": _svg(backbone, tall, language, "tall"),
        "legend": legend,
        "pick": escape(render(language, "routes.map.pick")),
        "told": told,
        "script": _SCRIPT,
    }
    # the letters of the page travel in it: no reader's machine need know them
    return _PAGE.format(font=subset_css(_PAGE.format(font="", **parts)), **parts)


def _wide(backbone: Backbone, language: str) -> Boxes:
    layers = wide_layout(backbone).layers
    columns = [sum(_height(backbone, n, language) + 16 for n in layer) for layer in layers]
    height = max(columns)
    boxes: Boxes = {}
    for i, (layer, needed) in enumerate(zip(layers, columns, strict=True)):
        room = (height - needed) / (len(layer) + 1)
        top = 16 + room
        for node in layer:
            tall = _height(backbone, node, language)
            boxes[node] = (4 + i * (_BOX + _WIDE_GAP), top, _BOX, tall)
            top += tall + 16 + room
    return boxes


def _tall(backbone: Backbone, language: str) -> Boxes:
    inner = backbone.graph.number_of_nodes() - 2
    layout = layered(backbone.graph, backbone.main, -(-inner // _PHONE_COLUMNS))
    rows = [
        layer[at : at + _PHONE_COLUMNS]
        for layer in layout.layers
        for at in range(0, len(layer), _PHONE_COLUMNS)
    ]
    boxes: Boxes = {}
    top = 8.0
    for row in rows:
        gap = (_PHONE - len(row) * _BOX) / (len(row) + 1)
        for place, node in enumerate(row):
            tall = _height(backbone, node, language)
            boxes[node] = (gap + place * (_BOX + gap), top, _BOX, tall)
        top += max(boxes[node][3] for node in row) + 34
    return boxes


def _height(backbone: Backbone, node: str, language: str) -> float:
    return _LINE * len(_lines(backbone, node, language)) + 12


def _lines(backbone: Backbone, node: str, language: str) -> list[str]:
    return label_lines(backbone, node, language, (_BOX - 10) / _SIZE)


def _svg(backbone: Backbone, boxes: Boxes, language: str, kind: str) -> str:
    width = _PHONE if kind == "tall" else max(x + w for x, _y, w, _h in boxes.values()) + 4
    height = max(y + h for _x, y, _w, h in boxes.values()) + 24
    place = {node: i for i, node in enumerate(sorted(backbone.graph))}
    main = set(pairwise(backbone.main))
    edges = sorted(backbone.graph.edges(data="transitions"), key=lambda e: (e[2], e[0], e[1]))
    largest = max(n for _u, _v, n in edges)
    parts = []
    for u, v, n in edges:
        chosen = ' class="main"' if (u, v) in main else ""
        parts.append(
            f'<path{chosen} data-u="{place[u]}" data-v="{place[v]}" '
            f'd="{_curve(boxes[u], boxes[v], kind)}" stroke-width="{thickness(n, largest):.1f}" '
            f'opacity="{0.9 if chosen else 0.25 + 0.5 * n / largest:.2f}" '
            f'marker-end="url(#{kind}-head)"/>'
        )
    # arrows are too thin for a finger: each has a wide one that cannot be seen
    parts += [
        f'<path class="hit" data-edge="{place[u]},{place[v]}" '
        f'd="{_curve(boxes[u], boxes[v], kind)}"/>'
        for u, v, _n in edges
    ]
    for node, (x, y, w, h) in boxes.items():
        kinds = " ".join(
            name
            for name, there in (("main", node in backbone.main), ("end", node in (START, END)))
            if there
        )
        lines = "".join(
            f'<text x="{x + w / 2:.1f}" y="{y + 6 + _LINE * (i + 0.75):.1f}">{escape(line)}</text>'
            for i, line in enumerate(_lines(backbone, node, language))
        )
        name = escape(backbone.graph.nodes[node][f"label_{language}"], quote=True)
        parts.append(
            f'<g class="node {kinds}" data-n="{place[node]}" tabindex="0" role="button" '
            f'aria-label="{name}"><rect x="{x:.1f}" y="{y:.1f}" width="{w}" height="{h}" rx="5"/>'
            f"{lines}</g>"
        )
    head = (
        f'<marker id="{kind}-head" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="8" '
        'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L6 3L0 6z" '
        'class="head"/></marker>'
    )
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">'
        f"<defs>{head}</defs>{''.join(parts)}</svg>"
    )


def _curve(source: tuple, target: tuple, kind: str) -> str:
    x, y, w, h = source
    tx, ty, tw, th = target
    if kind == "tall":
        down = ty > y
        a = (x + w / 2, y + h) if down else (x + w * 0.85, y)
        b = (tx + tw / 2, ty) if down else (tx + tw * 0.85, ty + th)
        bend = max(abs(b[1] - a[1]) * 0.4, 18) * (1 if down else -1)
        c, d = (a[0], a[1] + bend), (b[0], b[1] - bend)
    else:
        ahead = tx > x
        a = (x + w, y + h / 2) if tx >= x else (x, y + h * 0.75)
        b = (tx, ty + th / 2) if ahead else (tx + tw, ty + th * (0.5 if tx == x else 0.75))
        bend = max(abs(b[0] - a[0]) * 0.4, 30)
        c = (a[0] + (bend if tx >= x else -bend), a[1])
        d = (b[0] + (-bend if ahead else bend), b[1])
    points = " ".join(f"{px:.1f} {py:.1f}" for px, py in (c, d, b))
    return f"M{a[0]:.1f} {a[1]:.1f}C{points}"


def _edges(backbone: Backbone, language: str) -> list[list]:
    """Per edge: positions of both ends, their labels, and what the table says of it."""
    place = {node: i for i, node in enumerate(sorted(backbone.graph))}
    key = f"label_{language}"
    rows = []
    for u, v, about in sorted(
        backbone.graph.edges(data=True), key=lambda e: (-e[2]["transitions"], e[0], e[1])
    ):
        hours = about.get("median_hours")
        rows.append([
            place[u],
            place[v],
            backbone.graph.nodes[u][key],
            backbone.graph.nodes[v][key],
            format_value(about["transitions"], "count", language, ""),
            format_value(about["probability"], "pct", language, ""),
            _dwell(hours, language),
        ])  # fmt: skip
    return rows


def _dwell(hours: float | None, language: str) -> str:
    if hours is None:
        return format_value(None, "count", language, "")
    if hours < 48:
        return render(language, "routes.map.hours", hours=hours)
    return render(language, "routes.map.days", days=hours / 24)


_STYLE = """
:root{--accent:ACCENT;--blue:BLUE;--ink:#22262b;--soft:#5b626c;--line:#d9dde3}
*{box-sizing:border-box}
body{margin:0;padding:.8rem;color:var(--ink);font:16px/1.6 FAMILY,sans-serif}
svg{display:block;max-width:100%;height:auto;margin:0 auto}
svg text{font-size:14px;text-anchor:middle;fill:var(--ink);pointer-events:none}
svg>path{fill:none;stroke:var(--blue);pointer-events:none}
svg>path.hit{stroke:transparent;stroke-width:14px;pointer-events:stroke;cursor:pointer}
svg>path.main{stroke:var(--accent)}
.head{fill:var(--soft)}
.node rect{fill:#fff;stroke:#8a8f98;cursor:pointer}
.node.end rect{fill:#f4f6f8}
.node.main rect{stroke:var(--accent)}
.node:focus{outline:none}
.node:focus rect,.node.on rect{stroke-width:3}
.picked svg>path:not(.hit),.picked .node:not(.near){opacity:.1}
.picked svg>path.near{opacity:.9}
p{margin:.3rem 0;color:var(--soft);font-size:.9rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th{font-weight:400;color:var(--soft);border-bottom:1.5px solid var(--ink);text-align:left}
th,td{padding:.3rem .4rem}
td{border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right;white-space:nowrap}
.tall{display:none}
@media(max-width:760px){.wide{display:none}.tall{display:block}body{padding:0}
p,.scroll{padding:0 .6rem}}
"""

_SCRIPT = """
const told=JSON.parse(document.getElementById('told').textContent),page=document.body,
out=document.getElementById('out');let held=null;
const cell=(row,text,n,head)=>{const c=document.createElement(head?'th':'td');c.textContent=text;
if(n)c.className='n';row.append(c)};
function show(k){page.classList.toggle('picked',k!==null);
const [u,v]=k===null?[]:k.split(',').map(Number),near=new Set(k===null?[]:[u]);
const is=(a,b)=>k!==null&&(v===undefined?a===u||b===u:a===u&&b===v);
document.querySelectorAll('svg>path:not(.hit)').forEach(p=>{const on=is(+p.dataset.u,+p.dataset.v);
p.classList.toggle('near',on);if(on){near.add(+p.dataset.u);near.add(+p.dataset.v)}});
document.querySelectorAll('.node').forEach(g=>{g.classList.toggle('near',near.has(+g.dataset.n));
g.classList.toggle('on',v===undefined&&+g.dataset.n===u)});
out.replaceChildren();if(k===null)return;
const w=told.words,top=out.insertRow();[w.from,w.to].forEach(t=>cell(top,t,0,1));
[w.transitions,w.share,w.dwell].forEach(t=>cell(top,t,1,1));
told.edges.filter(e=>is(e[0],e[1])).forEach(e=>{const r=out.insertRow();
cell(r,e[2]);cell(r,e[3]);e.slice(4).forEach(t=>cell(r,t,1))})}
const hear=(g,k)=>{g.addEventListener('mouseenter',()=>{if(held===null)show(k)});
g.addEventListener('mouseleave',()=>{if(held===null)show(null)});
const pick=()=>{held=held===k?null:k;show(held)};g.addEventListener('click',pick);
g.addEventListener('keydown',e=>{if(e.key==='Enter'||e.key===' '){e.preventDefault();pick()}})};
document.querySelectorAll('.node').forEach(g=>hear(g,g.dataset.n));
document.querySelectorAll('.hit').forEach(p=>hear(p,p.dataset.edge));
"""

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; font-src data:;
 style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>{font}{style}</style></head><body>
{wide}{tall}
{legend}<p>{pick}</p>
<div class="scroll"><table id="out"></table></div>
<script type="application/json" id="told">{told}</script>
<script>{script}</script>
</body></html>
"""
