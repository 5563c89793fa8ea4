// What a hand can take: points in a chart, sliders, buttons, choices; and the legend beside them.
import { make } from "./base.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Points that are moved by mouse, finger or arrow keys (with Shift five times as far). Where `removed` is
 * given, Delete removes a point; where `entered` is given, Enter does what it says.
 */
export class Handles {
  constructor(chart, { step, describe, moved, removed, entered, kind = "" }) {
    Object.assign(this, { chart, step, describe, moved, removed, entered, kind });
    this.nodes = [];
    this.chosen = 0;
  }

  /** Show points, objects with x and y. */
  draw(points) {
    this.points = points;
    while (this.nodes.length > points.length) this.nodes.pop().remove();
    while (this.nodes.length < points.length) this.nodes.push(this.build(this.nodes.length));
    points.forEach(({ x, y }, i) => {
      const node = this.nodes[i], [low, high] = this.chart.x;
      this.chart.put(node, {
        transform: `translate(${this.chart.X(x).toFixed(1)} ${this.chart.Y(y).toFixed(1)})`,
        class: `handle ${this.kind}${this.removed && i === this.chosen ? " chosen" : ""}`,
        "aria-label": this.describe(i).name, "aria-valuetext": this.describe(i).value,
        "aria-valuenow": +x.toPrecision(4), "aria-valuemin": low, "aria-valuemax": high,
      });
    });
  }
  focus(i) {
    this.nodes[Math.min(i, this.nodes.length - 1)]?.focus();
  }

  move(i, x, y) {
    const within = (v, [low, high]) => Math.min(high, Math.max(low, v));
    this.moved(i, within(x, this.chart.x), within(y, this.chart.y));
  }
  build(i) {
    let offset = null;
    const node = make("g", {
      tabindex: 0, role: "slider", "aria-roledescription": "movable point",
      onfocus: () => { this.choose(i); },
      onpointerdown: (event) => {
        if (event.button) return;
        const [x, y] = this.chart.at(event);
        offset = [this.points[i].x - x, this.points[i].y - y];
        node.setPointerCapture(event.pointerId);
        node.focus({ preventScroll: true });
        event.preventDefault();
      },
      ontouchstart: (event) => { event.preventDefault(); }, // else a browser at work may scroll instead
      onpointermove: (event) => {
        if (!offset) return;
        const [x, y] = this.chart.at(event);
        this.move(i, x + offset[0], y + offset[1]);
      },
      onpointerup: () => { offset = null; },
      onpointercancel: () => { offset = null; },
      onkeydown: (event) => {
        const arrow = ARROWS[event.key], far = event.shiftKey ? 5 : 1;
        if (arrow) {
          const { x, y } = this.points[i];
          this.move(i, x + far * arrow[0] * this.step[0], y + far * arrow[1] * this.step[1]);
        } else if (["Delete", "Backspace"].includes(event.key) && this.removed) {
          this.removed(i);
          this.focus(i);
        } else if (["Enter", " "].includes(event.key) && this.entered) this.entered(i);
        else return;
        event.preventDefault();
      },
    }, make("circle", { class: "hit", r: 17 }), make("circle", { class: "dot", r: 7 }));
    this.chart.front.append(node);
    return node;
  }
  choose(i) {
    this.chosen = i;
    this.draw(this.points);
  }
}

/** A labeled slider, on a logarithmic scale if `log`; `set` moves it without calling `changed`. */
export function slider({ label, low, high, value, log = false, step = 0.001, show, changed }) {
  const [to, from] = log ? [Math.log, Math.exp] : [(v) => v, (v) => v];
  const size = (to(high) - to(low)) * step, output = make("output");
  const input = make("input", { type: "range", min: to(low), max: to(high), step: size, "aria-label": label });
  const set = (v) => {
    input.value = to(v);
    tell(v);
  };
  const tell = (v) => {
    output.textContent = show(v);
    input.setAttribute("aria-valuetext", show(v));
  };
  input.addEventListener("input", () => {
    const v = Math.min(high, Math.max(low, from(+input.value)));
    tell(v);
    changed(v);
  });
  set(value);
  return { node: make("label", { class: "slider" }, make("span", {}, label, output), input), set, input };
}

export const button = (text, pressed, kind = "") => make("button", { type: "button", class: kind, onclick: pressed }, text);

/** A choice of some names; `changed` gets the one chosen. */
export function choice(label, names, chosen, changed) {
  const options = names.map(([value, text]) => make("option", { value, selected: value === chosen && "" }, text));
  return make("select", { "aria-label": label, onchange: (event) => changed(event.target.value) }, ...options);
}

/** One sample of a line, area or point for each name: [classes, name, shape of a point]. */
export function legend(...entries) {
  const form = { line: "M0,7H26", area: "M0,1H26V13H0Z", disc: "M9,7a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", cross: "M9,3l8,8m0,-8l-8,8",
    triangle: "M13,2l5,9h-10z", tick: "M13,2v10" };
  return make("div", { class: "legend", "aria-hidden": "true" }, ...entries.map(([className, name, shape = "line"]) =>
    make("span", {}, make("svg", { width: 26, height: 14 }, make("path", { class: className, d: form[shape] })), name)));
}
