/* Zoom in time: drag across a chart, a button above, or + and - on a chart; Escape shows all.
   All charts of a section show the same time. The page is whole without it. */
const zoom = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg", YEAR = 365.25;
  const charts = new Map();

  const made = (name, attributes, text) => {
    const one = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    if (text !== undefined) one.textContent = text;
    return one;
  };
  const pairs = (path, down) => (path.getAttribute("d").match(/-?[\d.]+ -?[\d.]+/g) || [])
    .map((pair) => pair.split(" ").map(Number)).map(([x, y]) => [x, y + down]);
  const step = (span, most) => {
    const power = 10 ** Math.floor(Math.log10(span / most));
    return [1, 2, 5, 10].map((one) => one * power).find((one) => span / one <= most);
  };
  const multiples = (low, high, by) => {
    const found = [];
    for (let i = Math.ceil(low / by); i * by <= high; i += 1) found.push(i * by);
    return found;
  };
  const datesBetween = (from, to) => {
    const span = to - from;
    const text = (time, length) => [time / 864e5, new Date(time).toISOString().slice(0, length)];
    if (span < 120)
      return multiples(Math.ceil(from), to, Math.ceil(span / 4)).map((day) => text(day * 864e5, 10));
    const months = [1, 2, 3, 6, 12, 24, 60, 120].find((one) => span / (30.44 * one) <= (one < 12 ? 5 : 7)) || 240;
    const first = Math.floor((new Date(from * 864e5).getUTCFullYear() * 12) / months) * months;
    const found = [];
    for (let month = first, day = -Infinity; day <= to; month += months) {
      const time = Date.UTC(Math.floor(month / 12), month % 12);
      day = time / 864e5;
      if (day >= from && day <= to) found.push(text(time, months < 12 ? 7 : 4));
    }
    return found;
  };

  /* Where the data of a chart are: each clipped element goes into a group that can be moved. */
  const movable = (svg) => [...svg.querySelectorAll("[clip-path]")].map((one) => {
    const frame = made("g", { "clip-path": one.getAttribute("clip-path") });
    const inner = made("g", { class: "moved" });
    one.removeAttribute("clip-path");
    one.replaceWith(frame);
    frame.append(inner);
    inner.append(one);
    return inner;
  });

  /* The lowest and the highest place of what is drawn between two others, backgrounds apart. */
  const extent = ({ inner, axes }, from, to) => {
    const [bottom, top] = axes.y, found = [];
    for (const group of inner) {
      const uses = [...group.querySelectorAll("use")].map((use) =>
        [document.getElementById(use.getAttribute("xlink:href").slice(1)), Number(use.getAttribute("x")), Number(use.getAttribute("y"))]);
      for (const [x, y] of uses.filter((use) => use[1]).map((use) => use.slice(1)))
        if (x >= from && x <= to) found.push(y);
      const paths = [...[...group.querySelectorAll("path")].filter((one) => !one.closest("defs")).map((one) => [one, 0]),
        ...uses.filter((use) => !use[1]).map((use) => [use[0], use[2]])];
      for (const [path, down] of paths) {
        const points = pairs(path, down), ys = points.map((point) => point[1]);
        const low = Math.max(...ys), high = Math.min(...ys);
        if (low === high || (low >= bottom - 1 && high <= top + 1)) continue;
        points.forEach(([x, y], i) => {
          const next = points[i + 1];
          if (x >= from && x <= to) found.push(y);
          if (!next) return;
          for (const edge of [from, to])
            if ((x - edge) * (next[0] - edge) < 0) found.push(y + ((edge - x) / (next[0] - x)) * (next[1] - y));
        });
      }
    }
    if (!found.length) return [bottom, top];
    const low = Math.max(...found), high = Math.min(...found), margin = 0.06 * Math.max(low - high, 0.05 * (bottom - top));
    return [Math.min(low + margin, bottom), Math.max(high - margin, top)];
  };

  const label = (chart) => {
    const { svg, axes, ticks, view } = chart;
    const [left, right] = axes.x, [bottom, top, low, high] = axes.y;
    const value = (y) => {
      const share = (y - bottom) / (top - bottom);
      return axes.log ? low * (high / low) ** share : low + share * (high - low);
    };
    const place = (one) => {
      const share = axes.log ? Math.log(one / low) / Math.log(high / low) : (one - low) / (high - low);
      const y = bottom + share * (top - bottom);
      return bottom + ((y - view.bottom) * (top - bottom)) / (view.top - view.bottom);
    };
    const { from, to } = range(chart), ahead = axes.dates || 0;
    const named = axes.dates === null
      ? multiples(from, to, Math.max(1, step(to - from, 5))).map((row) => [row, String(row)])
      : datesBetween(from + ahead, to + ahead).map(([day, text]) => [day - ahead, text]);
    const drawn = named.flatMap(([at, text]) => {
      const x = left + ((at - from) / (to - from)) * (right - left);
      return [made("line", { x1: x, x2: x, y1: bottom, y2: bottom + 3.5 }),
        made("text", { x: Math.min(x, right - 2.6 * text.length), y: bottom + 13.7, "text-anchor": "middle" }, text)];
    });
    const ends = [value(view.bottom), value(view.top)], by = step(ends[1] - ends[0], 5);
    const digits = Math.max(0, -Math.floor(Math.log10(by) + 1e-9));
    for (const one of multiples(...ends, by)) {
      const y = place(one), text = one.toFixed(digits).replace(/^-(?=.*[1-9])/, "\u2212").replace("-", "");
      drawn.push(made("line", { x1: left - 3.5, x2: left, y1: y, y2: y }),
        made("text", { x: left - 7, y: y + 3.3, "text-anchor": "end" }, text + (axes.percent ? "%" : "")));
    }
    ticks.replaceChildren(...drawn);
    svg.append(ticks);
  };

  const range = ({ axes, view }) => {
    const [left, right, first, last] = axes.x;
    const at = (x) => first + ((x - left) / (right - left)) * (last - first);
    return { from: at(view.left), to: at(view.right) };
  };

  /* Show a stretch of time; all of it, where the chart has none of the stretch or no more. */
  const show = (chart, from, to) => {
    const { svg, axes, view } = chart;
    const [left, right, first, last] = axes.x, [bottom, top] = axes.y;
    const begin = Math.max(from, first), end = Math.min(to, last);
    const whole = !(end - begin > Math.min(3, (last - first) / 4)) || end - begin > 0.99 * (last - first);
    const place = (at) => left + ((at - first) / (last - first)) * (right - left);
    [view.left, view.right] = whole ? [left, right] : [place(begin), place(end)];
    if (!whole && !chart.inner) chart.inner = movable(svg);
    [view.bottom, view.top] = whole ? [bottom, top] : extent(chart, view.left, view.right);
    svg.classList.toggle("zoomed", !whole);
    if (!chart.inner) return;
    const wide = (right - left) / (view.right - view.left), tall = (bottom - top) / (view.bottom - view.top);
    for (const group of chart.inner) {
      group.setAttribute("transform", `matrix(${wide} 0 0 ${tall} ${left - wide * view.left} ${top - tall * view.top})`);
      for (const use of group.querySelectorAll("use")) {
        const x = Number(use.getAttribute("x")), y = Number(use.getAttribute("y"));
        if (x) use.setAttribute("transform", `translate(${x} ${y}) scale(${1 / wide} ${1 / tall}) translate(${-x} ${-y})`);
      }
    }
    if (whole) chart.ticks.remove();
    else label(chart);
  };
  const alike = (chart) => [...charts.values()].filter((one) =>
    one.section === chart.section && (one.axes.dates === null) === (chart.axes.dates === null));
  const showAll = (chart, from, to) => alike(chart).forEach((one) => show(one, from, to));

  const dragging = (chart) => {
    const { svg, axes } = chart, [left, right] = axes.x, [bottom, top] = axes.y;
    const chosen = made("rect", { class: "chosen", y: top, height: bottom - top });
    let start = null;
    const inside = (event) => {
      const frame = svg.getBoundingClientRect();
      const x = ((event.clientX - frame.left) / frame.width) * svg.viewBox.baseVal.width;
      return Math.min(Math.max(x, left), right);
    };
    const ends = (event) => { const x = inside(event); return [Math.min(start, x), Math.max(start, x)]; };
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || event.pointerType === "touch") return;
      start = inside(event);
      if (svg.setPointerCapture && event.isTrusted) svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (start === null) return;
      const [from, to] = ends(event);
      chosen.setAttribute("x", from);
      chosen.setAttribute("width", to - from);
      svg.append(chosen);
    });
    const stop = (event) => {
      if (start === null) return;
      const [from, to] = ends(event);
      start = null;
      chosen.remove();
      if (event.type === "pointercancel" || to - from < 4) return;
      const now = range(chart), at = (x) => now.from + ((x - left) / (right - left)) * (now.to - now.from);
      showAll(chart, at(from), at(to));
    };
    svg.addEventListener("pointerup", stop);
    svg.addEventListener("pointercancel", stop);
    svg.addEventListener("dblclick", () => showAll(chart, -Infinity, Infinity));
  };

  /* Add a chart; `pointed` is where in the drawing a reader looks, or null. */
  const add = (svg, axes, pointed) => {
    const [left, right] = axes.x, [bottom, top] = axes.y;
    const chart = { svg, axes, section: svg.closest("section"), view: { left, right, bottom, top }, ticks: made("g", { class: "ticks" }), inner: null };
    charts.set(svg, chart);
    dragging(chart);
    svg.addEventListener("keydown", (event) => {
      const factor = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
      if (event.key === "Escape") showAll(chart, -Infinity, Infinity);
      if (!factor || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const { from, to } = range(chart), place = pointed();
      const share = place === null ? 0.5 : (place - left) / (right - left), at = from + share * (to - from);
      const [first, last] = axes.x.slice(2);
      showAll(chart, Math.max(at - share * factor * (to - from), first), Math.min(at + (1 - share) * factor * (to - from), last));
    });
  };

  /* Where in the drawing, as it was made, a place in the drawing as it is shown is. */
  const unmoved = (svg, x) => {
    const { axes, view } = charts.get(svg), [left, right] = axes.x;
    return view.left + ((x - left) / (right - left)) * (view.right - view.left);
  };

  /* Put buttons above the first chart of each section that has dates for a year and more. */
  const buttons = () => {
    for (const section of new Set([...charts.values()].map((one) => one.section))) {
      const dated = [...charts.values()].filter((one) => one.section === section && one.axes.dates !== null);
      if (!section || !dated.length) continue;
      const last = Math.max(...dated.map((one) => one.axes.x[3])), years = (last - Math.min(...dated.map((one) => one.axes.x[2]))) / YEAR;
      const bar = document.createElement("div");
      bar.className = "ranges";
      bar.setAttribute("role", "group");
      bar.setAttribute("aria-label", "Time that the charts below show");
      const name = document.createElement("span");
      name.textContent = "Show";
      name.title = "Or drag across a chart; double click, or Escape, shows all. On a chart + and - zoom.";
      const choices = [[1, "last year"], [3, "3 years"], [5, "5 years"], [Infinity, "all"]].filter(([one]) => one < years || one === Infinity);
      if (choices.length < 2) continue;
      bar.append(name, ...choices.map(([one, text]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = text;
        button.addEventListener("click", () => showAll(dated[0], one === Infinity ? -Infinity : last - one * YEAR, Infinity));
        return button;
      }));
      (dated[0].svg.closest(".figures") || dated[0].svg.closest("figure")).before(bar);
    }
  };
  return { add, unmoved, buttons };
})();
