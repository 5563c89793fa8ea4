// What all widgets are built from: a frame that knows light and dark, charts, points that move, knobs.
import { STYLE } from "./style.js";

const SVG = new Set(["svg", "g", "clipPath", "path", "line", "circle", "rect", "text"]);

/** An element with attributes, listeners (functions named on…) and children. */
export function make(tag, attributes = {}, ...children) {
  const node = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  change(node, attributes);
  node.append(...children);
  return node;
}
function change(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === false || value == null) node.removeAttribute(name);
    else node.setAttribute(name, value);
  }
}

/** Whether the page around a node is dark: whether its text is light. */
function isDark(node) {
  const [r, g, b] = (getComputedStyle(node).color.match(/^rgba?\(([^)]*)/)?.[1] ?? "").split(/[ ,/]+/).map(Number);
  if (r >= 0) return 0.3 * r + 0.6 * g + 0.1 * b > 140;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * The frame of a widget in a host element, whose own content is seen only where this does not run.
 * `update` is called whenever the width may have changed. Returns parts to fill, and `start`, which
 * returns what undoes it all.
 */
export function framed(host, { question, how = "", two = false }) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const plots = make("div", { class: two ? "plots two" : "plots" });
  const controls = make("div", { class: "controls" }), status = make("p", { class: "status" });
  const usage = make("p", { class: "how" }, how), spoken = make("p", { class: "unseen", role: "status" });
  const frame = make("section", { class: "frame", "aria-label": question }, make("p", { class: "question" }, question),
    usage, plots, controls, status, spoken);
  root.replaceChildren(make("style", {}, STYLE), frame);
  // A notebook's own keys, such as A for a new cell, are not meant here; Ctrl+S is.
  frame.addEventListener("keydown", (event) => event.ctrlKey || event.metaKey || event.stopPropagation());

  let timer;
  const say = (text) => {  // to screen readers, when the hand has come to rest
    clearTimeout(timer);
    timer = setTimeout(() => { spoken.textContent = text; }, 600);
  };
  const start = (charts, update) => {
    let width = 0;
    const fit = () => {
      if (plots.clientWidth === width || !plots.clientWidth) return;
      width = plots.clientWidth;
      charts.forEach((chart) => chart.resize());
      update();
    };
    const shade = () => frame.classList.toggle("dark", isDark(host));
    const sizes = new ResizeObserver(fit), themes = new MutationObserver(shade);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const later = () => setTimeout(shade, 50);
    sizes.observe(plots);
    for (const node of [document.documentElement, document.body]) themes.observe(node, { attributes: true });
    scheme.addEventListener("change", later);
    shade();
    fit();
    return () => {
      sizes.disconnect();
      themes.disconnect();
      scheme.removeEventListener("change", later);
      clearTimeout(timer);
      root.replaceChildren();
    };
  };
  return { plots, controls, status, say, start, how: usage };
}

/** About n round numbers between two. */
function ticks(low, high, n) {
  const raw = (high - low) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((s) => s * power >= raw * 0.999) * power;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => +((first + i) * step).toPrecision(6));
}
export const minus = (text) => String(text).replace("-", "−");

let count = 0;  // of charts, for their ids
/** A chart of two axes that fills its parent's width; its numbers are pixels. */
export class Chart {
  constructor(parent, { x, y, height, xLabel = "", yLabel = "", xTicks = true, left = 44, yCount = 5 }) {
    Object.assign(this, { x, y, tall: height, xLabel, yLabel, xTicks, left, yCount, top: yLabel ? 22 : 8, right: 12 });
    this.bottom = (xTicks ? 22 : 6) + (xLabel ? 18 : 0);
    [this.axes, this.back, this.marks, this.front] = ["axes", "back", "marks", "front"].map((name) =>
      make("g", { class: name }));
    [this.ground, this.window] = [0, 1].map(() => make("rect", { fill: "transparent", stroke: "none" }));
    const id = `window${count++}`;
    this.marks.setAttribute("clip-path", `url(#${id})`);
    this.svg = make("svg", { class: "chart", role: "group" }, make("clipPath", { id }, this.window), this.axes, this.ground,
      this.back, this.marks, this.front);
    this.axes.setAttribute("aria-hidden", "true");
    this.back.style.pointerEvents = this.marks.style.pointerEvents = "none";
    this.box = make("div", { class: "plot" }, this.svg);
    parent.append(this.box);
  }
  set label(text) { this.svg.setAttribute("aria-label", text); }

  X(v) { return this.left + ((v - this.x[0]) / (this.x[1] - this.x[0])) * (this.width - this.left - this.right); }
  Y(v) { return this.height - this.bottom - ((v - this.y[0]) / (this.y[1] - this.y[0])) * (this.height - this.top - this.bottom); }
  /** Where in the chart's units an event is. */
  at(event) {
    const box = this.svg.getBoundingClientRect();
    const across = (event.clientX - box.left - this.left) / (this.width - this.left - this.right);
    const up = (box.top + this.height - this.bottom - event.clientY) / (this.height - this.top - this.bottom);
    return [this.x[0] + across * (this.x[1] - this.x[0]), this.y[0] + up * (this.y[1] - this.y[0])];
  }

  resize() {
    this.width = Math.max(240, this.box.clientWidth);
    this.height = Math.round(this.width < 420 ? 0.85 * this.tall : this.tall);
    change(this.svg, { width: this.width, height: this.height, viewBox: `0 0 ${this.width} ${this.height}` });
    const [l, r, t, b] = [this.left, this.width - this.right, this.top, this.height - this.bottom];
    change(this.ground, { x: l, y: t, width: r - l, height: b - t });
    change(this.window, { x: l - 10, y: t, width: r - l + 20, height: b - t });  // room for a mark on the edge
    this.drawAxes();
  }
  /** Other limits of the upright axis. */
  rise(low, high) {
    if (low === this.y[0] && high === this.y[1]) return;
    this.y = [low, high];
    this.drawAxes();
  }
  drawAxes() {
    const [l, r, t, b] = [this.left, this.width - this.right, this.top, this.height - this.bottom], parts = [];
    const few = Math.max(4, Math.min(7, Math.floor((r - l) / 60)));
    for (const v of ticks(...this.y, this.yCount)) {
      const y = Math.round(this.Y(v)) + 0.5;
      parts.push(make("line", { class: "gridline", x1: l, x2: r, y1: y, y2: y }));
      parts.push(make("text", { x: l - 6, y: y + 4, "text-anchor": "end" }, minus(v)));
    }
    for (const v of this.xTicks ? ticks(...this.x, few) : []) {
      parts.push(make("text", { x: this.X(v), y: b + 16, "text-anchor": "middle" }, minus(v)));
    }
    parts.push(make("line", { class: "axis", x1: l, x2: r, y1: b + 0.5, y2: b + 0.5 }));
    if (this.xLabel) parts.push(make("text", { x: (l + r) / 2, y: b + 34, "text-anchor": "middle" }, this.xLabel));
    if (this.yLabel) parts.push(make("text", { x: 4, y: 12 }, this.yLabel));
    this.axes.replaceChildren(...parts);
  }

  /** A new path or other mark, cut off at the axes unless it lies in the back. */
  add(className, tag = "path", layer = this.marks) {
    const node = make(tag, { class: className, "aria-hidden": "true" });
    layer.append(node);
    return node;
  }
  /** The end of a path along points; what is far outside is cut off. */
  trace(xs, ys) {
    const [low, high] = [-this.height, 2 * this.height];
    return xs.map((x, i) => `${this.X(x).toFixed(1)},${Math.min(high, Math.max(low, this.Y(ys[i]))).toFixed(1)}`).join("L");
  }
  line(path, xs, ys) { path.setAttribute("d", xs.length ? `M${this.trace(xs, ys)}` : ""); }
  fill(path, xs, low, high) {
    path.setAttribute("d", xs.length ? `M${this.trace(xs, high)}L${this.trace(xs.slice().reverse(), low.slice().reverse())}Z` : "");
  }
  /** Places drawn as one path: discs, crosses, or triangles that point up. */
  spots(path, xs, ys, { size = 4, shape = "disc" } = {}) {
    const s = size, forms = {
      disc: `m${-s},0a${s},${s} 0 1,0 ${2 * s},0a${s},${s} 0 1,0 ${-2 * s},0`,
      cross: `m${-s},${-s}l${2 * s},${2 * s}m0,${-2 * s}l${-2 * s},${2 * s}`,
      triangle: `m0,${-s}l${s},${1.8 * s}h${-2 * s}z`,
      tick: `v${-2 * s}`,
    };
    path.setAttribute("d", xs.map((x, i) => `M${this.X(x).toFixed(1)},${this.Y(ys[i]).toFixed(1)}${forms[shape]}`).join(""));
  }
  /** Move a line, a text or a circle. */
  put(node, attributes) { change(node, attributes); }
}
