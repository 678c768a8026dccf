/* Values under the pointer, or the arrow keys, and larger figures. The page is whole without it. */
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const box = document.createElement("div");
  box.className = "values";
  box.setAttribute("role", "status");
  document.body.append(box);

  const points = (group) => {
    const path = group.querySelector("path");
    const found = (path ? path.getAttribute("d") : "").match(/-?[\d.]+ -?[\d.]+/g) || [];
    return found.map((pair) => pair.split(" ").map(Number));
  };
  const at = (line, x) => {
    let i = line.findIndex((point) => point[0] >= x);
    if (i < 0) i = line.length - 1;
    const [x1, y1] = line[i], [x0, y0] = line[Math.max(i - 1, 0)];
    return x1 > x0 ? y0 + (y1 - y0) * Math.min(Math.max((x - x0) / (x1 - x0), 0), 1) : y1;
  };
  const written = (value, percent) => {
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return value.toFixed(digits).replace("-", "\u2212") + (percent ? "%" : "");
  };
  const when = (days, ahead, span) => {
    const text = new Date((days + ahead) * 864e5).toISOString();
    return span < 20 ? text.slice(0, 16).replace("T", " ") : text.slice(0, 10);
  };

  for (const svg of document.querySelectorAll("svg[data-axes]")) {
    const axes = JSON.parse(svg.dataset.axes);
    const [left, right, first, last] = axes.x, [bottom, top, low, high] = axes.y;
    const prefix = svg.dataset.prefix;
    const lines = axes.names
      .map((name, i) => ({ name, points: points(document.getElementById(`${prefix}-line-${i}`)) }))
      .filter((line) => line.points.length > 2);
    if (!lines.length) continue;
    const rule = document.createElementNS(SVG, "line");
    rule.setAttribute("class", "rule");
    let place = null;
    const value = (y) => {
      const share = (y - bottom) / (top - bottom);
      return axes.log ? low * (high / low) ** share : low + share * (high - low);
    };
    const show = (pointed, clientX, clientY) => {
      place = Math.min(Math.max(pointed, left), right);
      const x = zoom.unmoved(svg, place);
      const days = first + ((x - left) / (right - left)) * (last - first);
      const rows = [];
      for (const { name, points: line } of lines) {
        if (x < line[0][0] - 1 || x > line[line.length - 1][0] + 1) continue;
        const text = written(value(at(line, x)), axes.percent);
        if (name === "high" && rows.length) rows[rows.length - 1] += ` to ${text})`;
        else if (name === "low" && rows.length) rows[rows.length - 1] += ` (${text}`;
        else rows.push(`${name} ${text}`);
      }
      if (!rows.length) return hide();
      const head = axes.dates === null ? `row ${Math.round(days) + 1}` : when(days, axes.dates, last - first);
      box.replaceChildren(...[head, ...rows].map((text) => {
        const row = document.createElement("div");
        row.textContent = text;
        return row;
      }));
      for (const [key, number] of [["x1", place], ["x2", place], ["y1", bottom], ["y2", top]])
        rule.setAttribute(key, number);
      svg.append(rule);
      box.style.display = "block";
      const width = box.offsetWidth, beyond = clientX + width + 24 > window.innerWidth;
      box.style.left = `${Math.max(beyond ? clientX - width - 12 : clientX + 12, 4)}px`;
      box.style.top = `${clientY + 12}px`;
    };
    const hide = () => { rule.remove(); box.style.display = "none"; };
    const inside = (event) => {
      const frame = svg.getBoundingClientRect();
      return ((event.clientX - frame.left) / frame.width) * svg.viewBox.baseVal.width;
    };
    svg.addEventListener("pointermove", (event) => show(inside(event), event.clientX, event.clientY));
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    zoom.add(svg, axes, () => place);
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") hide();
      if (!step) return;
      event.preventDefault();
      const frame = svg.getBoundingClientRect();
      const x = Math.min(Math.max((place === null ? right : place) + (step * (right - left)) / 60, left), right);
      show(x, frame.left + (x / svg.viewBox.baseVal.width) * frame.width, frame.top + frame.height / 3);
    });
  }

  zoom.buttons();

  for (const figure of document.querySelectorAll("figure")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    const name = figure.querySelector("h3");
    const label = () => {
      const large = figure.classList.contains("large");
      button.textContent = large ? "smaller" : "larger";
      button.setAttribute("aria-pressed", String(large));
      button.setAttribute("aria-label", `${name ? name.textContent : "Figure"}: ${button.textContent}`);
    };
    button.addEventListener("click", () => { figure.classList.toggle("large"); label(); });
    label();
    (name || figure).append(button);
  }
})();
