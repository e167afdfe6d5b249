"use strict";
// The pictures with filters, drawn in SVG from an answer: text stays text, nothing is loaded.
// An answer's chart has labels, told (its numbers in words) and values; null is a hidden cell.

const CHARTS = (() => {
  const SPACE = "http://www.w3.org/2000/svg";
  const LINE = 30, TEXT = 14;

  function make(name, attributes, parent, text) {
    const node = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  }

  function canvas(width, height) {
    return make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  }

  // how wide a text is drawn, in the page's typeface
  const ruler = document.createElement("canvas").getContext("2d");
  const long = (text) => ruler.measureText(text).width + 1;
  function short(text, room) {
    if (long(text) <= room) return text;
    let kept = text;
    while (kept && long(`${kept}…`) > room) kept = kept.slice(0, -1);
    return `${kept}…`;
  }

  function bars(chart, language, width) {
    const labels = chart.labels[language], told = chart.told[language];
    const longest = Math.max(...labels.map(long), 0);
    const room = Math.min(longest, width * 0.42);
    const saying = Math.max(...told.map(long), 30) + 8;
    const scale = (width - room - 12 - saying) / Math.max(...chart.values.map((v) => v || 0), 1e-9);
    const svg = canvas(width, labels.length * LINE + 4);
    labels.forEach((name, i) => {
      const y = i * LINE + 2;
      const label = make("text", { x: room, y: y + 19, "text-anchor": "end" }, svg, short(name, room));
      make("title", {}, label, name);
      const size = Math.max((chart.values[i] || 0) * scale, chart.values[i] ? 2 : 0);
      make("rect", { x: room + 10, y: y + 4, width: size, height: LINE - 9, class: "bar" }, svg);
      make("text", { x: room + 16 + size, y: y + 19, class: "told" }, svg, told[i]);
    });
    return svg;
  }

  function columns(chart, language, width) {
    const labels = chart.labels[language], told = chart.told[language];
    const count = labels.length, tall = 170, top = 26;
    const step = width / Math.max(count, 1);
    const scale = tall / Math.max(...chart.values.map((v) => v || 0), 1e-9);
    const svg = canvas(width, top + tall + 28);
    make("line", { x1: 0, x2: width, y1: top + tall, y2: top + tall, class: "axis" }, svg);
    const every = (texts) => Math.ceil((Math.max(...texts.map(long), 1) + 10) / step);
    const apart = every(labels), spoken = every(told);
    const best = chart.values.indexOf(Math.max(...chart.values.map((v) => v || 0)));
    labels.forEach((name, i) => {
      const value = chart.values[i], size = (value || 0) * scale, middle = (i + 0.5) * step;
      const bar = make("rect", {
        x: i * step + Math.min(4, step * 0.15), y: top + tall - size,
        width: Math.max(step - Math.min(8, step * 0.3), 1), height: size, class: "bar",
      }, svg);
      make("title", {}, bar, `${name}: ${told[i]}`);
      if (value === null) {
        make("text", { x: middle, y: top + tall - 6, "text-anchor": "middle", class: "soft" }, svg, "–");
      }
      if (i % apart === 0) {
        const anchor = middle - long(name) / 2 < 0 ? "start" : middle + long(name) / 2 > width ? "end" : "middle";
        const x = anchor === "start" ? 0 : anchor === "end" ? width : middle;
        make("text", { x, y: top + tall + 20, "text-anchor": anchor, class: "soft" }, svg, name);
      }
      // numbers stand on the columns where there is room, else on the highest and the last
      const alone = i === best || (i === count - 1 && Math.abs(i - best) * step > long(told[i]) + long(told[best]));
      if (value !== null && (spoken === 1 || alone)) {
        const half = long(told[i]) / 2;
        const x = Math.min(Math.max(middle, half), width - half);
        make("text", { x, y: top + tall - size - 7, "text-anchor": "middle", class: "told" }, svg, told[i]);
      }
    });
    return svg;
  }

  function forest(chart, language, width) {
    const labels = chart.labels[language], told = chart.told[language];
    const ends = chart.points.flatMap((p) => [p.low, p.high, p.mid]).filter((v) => v !== null);
    const low = Math.min(0, ...ends), high = Math.max(0, ...ends);
    const room = Math.min(Math.max(...labels.map(long), 0), width * 0.38);
    const saying = Math.max(...told.map(long), 20) + 10;
    const wide = width - room - 14 - saying;
    const at = (value) => room + 14 + ((value - low) / (high - low || 1)) * wide;
    const svg = canvas(width, labels.length * LINE + 8);
    make("line", { x1: at(0), x2: at(0), y1: 0, y2: labels.length * LINE + 4, class: "axis" }, svg);
    labels.forEach((name, i) => {
      const y = i * LINE + LINE / 2, point = chart.points[i];
      const label = make("text", { x: room, y: y + 5, "text-anchor": "end" }, svg, short(name, room));
      make("title", {}, label, name);
      if (point.mid === null) {
        make("text", { x: width, y: y + 5, "text-anchor": "end", class: "soft" }, svg, "–");
        return;
      }
      const kind = point.grade === "D" ? "weak" : point.low > 0 || point.high < 0 ? "clear" : "open";
      if (point.low !== null) {
        make("line", { x1: at(point.low), x2: at(point.high), y1: y, y2: y, class: `whisker ${kind}` }, svg);
      }
      make("circle", { cx: at(point.mid), cy: y, r: 4.5, class: `dot ${kind}` }, svg);
      make("text", { x: width, y: y + 5, "text-anchor": "end", class: "told" }, svg, told[i]);
    });
    return svg;
  }

  // touchpoints in columns: before the first order, first orders, later ones; the phone's are rows
  function graph(chart, language, width, words, onPick) {
    const narrow = width < 560, boxes = [], box = { wide: narrow ? 104 : 132, tall: 44 };
    const steps = [...new Set(chart.nodes.map((node) => node.column))].sort();
    const most = Math.max(...steps.map((c) => chart.nodes.filter((n) => n.column === c).length), 1);
    // to the right of a box there is room for the loop of a touchpoint that follows itself
    const loop = 30, usable = width - loop;
    const across = narrow ? Math.max(1, Math.floor(usable / (box.wide + 8))) : most;
    let tall = 0;
    if (narrow) {
      let y = 22;
      for (const column of steps) {
        const nodes = chart.nodes.filter((node) => node.column === column);
        for (let start = 0; start < nodes.length; start += across) {
          const row = nodes.slice(start, start + across), gap = usable / row.length;
          row.forEach((node, i) => { boxes[chart.nodes.indexOf(node)] = [gap * (i + 0.5) - box.wide / 2, y]; });
          y += box.tall + 14;
        }
        y += 34;
      }
      tall = y - 40;
    } else {
      tall = most * (box.tall + 22) + 24;
      steps.forEach((column, place) => {
        const nodes = chart.nodes.filter((node) => node.column === column);
        const x = steps.length === 1 ? 0 : ((usable - box.wide) * place) / (steps.length - 1);
        nodes.forEach((node, i) => {
          boxes[chart.nodes.indexOf(node)] = [x, ((i + 0.5) * tall) / nodes.length - box.tall / 2];
        });
      });
    }
    const svg = canvas(width, tall);
    svg.removeAttribute("aria-hidden");
    const largest = Math.max(...chart.edges.map((edge) => edge.size), 1);
    const lines = make("g", {}, svg);
    for (const edge of chart.edges) {
      const [ax, ay] = boxes[edge.from], [bx, by] = boxes[edge.to];
      const thick = 1 + 9 * Math.sqrt(edge.size / largest);
      let d, tx, ty;
      if (edge.from === edge.to) {
        d = `M${ax + box.wide - 6},${ay + 8} c34,-18 34,46 0,28`;
        tx = ax + box.wide + 10; ty = ay - 2;
      } else if (narrow) {
        const [y1, y2] = ay <= by ? [ay + box.tall, by] : [ay, by + box.tall];
        d = `M${ax + box.wide / 2},${y1} C${ax + box.wide / 2},${(y1 + y2) / 2} ${bx + box.wide / 2},${(y1 + y2) / 2} ${bx + box.wide / 2},${y2}`;
      } else if (Math.abs(ax - bx) < 1) {
        const side = ax + (ay < by ? box.wide : 0), out = ay < by ? 40 : -40;
        d = `M${side},${ay + box.tall / 2} C${side + out},${ay + box.tall / 2} ${side + out},${by + box.tall / 2} ${side},${by + box.tall / 2}`;
      } else {
        const [x1, x2] = ax < bx ? [ax + box.wide, bx] : [ax, bx + box.wide];
        d = `M${x1},${ay + box.tall / 2} C${(x1 + x2) / 2},${ay + box.tall / 2} ${(x1 + x2) / 2},${by + box.tall / 2} ${x2},${by + box.tall / 2}`;
      }
      const from = chart.nodes[edge.from], to = chart.nodes[edge.to];
      const back = to.column < from.column ? " back" : "";
      const path = make("path", { d, class: `edge${back}`, "stroke-width": thick, fill: "none" }, lines);
      make("title", {}, path, `${from.name[language]} → ${to.name[language]}: ${edge.told[language]}`);
      if (onPick) path.addEventListener("click", () => onPick(from));
      if (tx !== undefined) make("text", { x: Math.min(tx, width - 4), y: ty, class: "soft", "text-anchor": "end" }, lines, edge.told[language]);
    }
    chart.nodes.forEach((node, i) => {
      const [x, y] = boxes[i], name = node.name[language];
      const here = node.id === chart.picked ? " picked" : "";
      const group = make("g", { class: `node${here}`, transform: `translate(${x},${y})` }, svg);
      make("title", {}, group, name);
      make("rect", { width: box.wide, height: box.tall, rx: 6 }, group);
      const lines_ = wrap(name, box.wide - 12);
      lines_.forEach((line, n) => {
        const y_ = box.tall / 2 + 5 + (n - (lines_.length - 1) / 2) * 17;
        make("text", { x: box.wide / 2, y: y_, "text-anchor": "middle" }, group, line);
      });
      if (onPick && node.place) {
        const pick = (event) => { event.preventDefault(); onPick(node); };
        group.setAttribute("tabindex", "0");
        group.setAttribute("role", "button");
        group.setAttribute("aria-label", `${words[language].pick} ${name}`);
        group.addEventListener("click", pick);
        group.addEventListener("keydown", (event) => {
          if (event.key === "Enter" || event.key === " ") pick(event);
        });
      }
    });
    return svg;
  }

  function wrap(text, room) {
    if (long(text) <= room) return [text];
    const pieces = text.includes(" ") ? text.split(/(?<= )/) : text.split(/(?=[（(])/);
    let first = "";
    while (pieces.length && long(first + pieces[0]) <= room) first += pieces.shift();
    if (!first) {
      const whole = [...text];
      while (whole.length && long(first + whole[0]) <= room) first += whole.shift();
      return [first, short(whole.join(""), room)];
    }
    return [first.trim(), short(pieces.join(""), room)];
  }

  const KINDS = { bars, columns, forest, graph };
  return {
    draw(place, chart, language, words, onPick) {
      const style = getComputedStyle(place);
      ruler.font = `${TEXT}px ${style.fontFamily}`;
      const inside = place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const width = Math.max(Math.floor(inside), 240);
      const empty = chart.kind === "graph" ? !chart.nodes.length : !chart.labels[language].length;
      if (empty) {
        const nothing = document.createElement("p");
        nothing.className = "skipped";
        nothing.textContent = words[language].nothing;
        place.replaceChildren(nothing);
      } else place.replaceChildren(KINDS[chart.kind](chart, language, width, words, onPick));
    },
  };
})();
