// Chapter 4: what five rules would try next on one posterior, and a race of two of them.
import { clamp, interpolate } from "./numbers.js";
import { BOLDNESS, exploration, hidden, judged, NAMES, PLACES, Posterior, RULES } from "./search.js";
import { race } from "./race.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, Handles, legend } from "./controls.js";

const SEEN = [[0, 0.5], [0.1, -0.6], [0.25, -1], [0.4, -0.2], [1, 0.2]], SMOOTH = 0.2;  // the chapter's trials and model

const MODES = [
  ["One search, five rules", "Each curve below scores all places by a rule; its highest point is the rule's next trial. Choose a rule and " +
    "step, or drag the red ring to a place of your own (arrow keys move it, Enter trains it)."],
  ["A race of two rules", "Two rules search the same hidden function, from the same three trials and with the same model. Who is first?"],
];

export function render({ el }) {
  const { plots, controls, status, say, start, how } = framed(el, { question: "Which trial should be next: a safe one or a bold one?" });
  const parts = [one(plots, controls, status, say), race(plots, controls, status, say)];
  let mode = 0;
  const tabs = MODES.map(([name], i) => button(name, () => { mode = i; update(); }));
  plots.before(make("div", { class: "row tabs" }, ...tabs));
  const charts = parts.flatMap((part) => part.charts);
  function update() {
    tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", i === mode));
    parts.forEach((part, i) => part.nodes.forEach((node) => { node.style.display = i === mode ? "" : "none"; }));
    charts.forEach((chart) => chart.box.clientWidth && chart.resize());
    how.textContent = MODES[mode][1];
    parts[mode].update();
  }
  const end = start([], update);
  return () => {
    parts.forEach((part) => part.stop());
    end();
  };
}

/** One search, all rules: what each would try next. */
function one(plots, controls, status, say) {
  let rule = "ei", boldness = BOLDNESS, seed = 1, revealed = false, own = null, truth, trials, view;
  const field = make("fieldset"), area = make("div"), truths = hidden(SEEN, SMOOTH);
  const main = new Posterior(area, { height: 220, yLabel: "loss", xTicks: false }), ring = new Handles(main.chart, {
    step: [0.005, 0], kind: "hollow",
    describe: () => ({ name: "Next trial", value: `x = ${place().toFixed(3)}` }),
    moved: (_, x) => { own = Math.round(200 * x) / 200; update(); },
    entered: () => train(),
  });
  const rows = NAMES.map((name, i) => {
    const radio = make("input", { type: "radio", name: "rule", value: name, checked: name === rule && "", onchange: () => { [rule, own] = [name, null]; update(); } });
    const where = make("output"), label = make("label", { class: "pick" }, radio, RULES[name][0], where), box = make("div");
    field.append(label, box);
    const last = i === NAMES.length - 1;
    const chart = new Chart(box, { x: [0, 1], y: [0, 1], height: last ? 96 : 62, xTicks: last, xLabel: last ? "x" : "", yCount: 2 });
    return { name, radio, where, label, chart, area: chart.add("area green"), line: chart.add("green"), drop: chart.add("vermillion thin"), tip: chart.add("mark vermillion") };
  });
  field.prepend(make("legend", { class: "unseen" }, "Rule"));
  const key = legend(["blue thick", "mean"], ["area blue", "95 % band", "area"], ["mark ink", "trials, the last one ringed", "disc"],
    ["soft dashed thin", "best loss so far"], ["mark vermillion", "next trial", "triangle"], ["green dotted thick", "the hidden function"]);
  const knob = exploration((v) => { [boldness, own] = [v, null]; update(); });
  const reveal = button("Reveal the function", () => { revealed = !revealed; update(); });
  const step = button("Step", () => train(), "main");
  const buttons = make("div", { class: "row" }, step, reveal,
    button("Another function", () => { seed += 1; reset(); update(); }), button("Start again", () => { seed = 1; reset(); update(); }));
  plots.append(area, key, field);
  controls.append(knob.node, buttons);

  const place = () => own ?? view[rule].next;
  function reset() {
    [truth, trials, own, revealed, boldness] = [truths(seed), SEEN.map((t) => t.slice()), null, false, BOLDNESS];
    knob.set(boldness);
  }
  function train() {
    const x = place();
    if (trials.every((t) => Math.abs(t[0] - x) > 1e-9)) trials.push([x, interpolate(truth, x)]);
    own = null;
    update();
  }
  function update() {
    view = Object.fromEntries(NAMES.map((name) => [name, judged(trials, SMOOTH, name, boldness)]));
    const { chart } = main, now = view[rule], x = place();
    chart.rise(-3, 3);
    main.draw(now, trials, x, revealed ? truth : null);
    ring.draw([{ x, y: -3 }]);
    rows.forEach(({ name, radio, where, label, chart: small, area: under, line, drop, tip }) => {
      const { scores, next, tied } = view[name], chosen = name === rule, finite = scores.filter(Number.isFinite);
      const high = Math.max(...finite), zero = RULES[name][1];
      const low = zero ? 0 : name === "logEI" ? Math.max(Math.min(...finite), high - 12) : Math.min(...finite);
      small.rise(low, high > low ? high + 0.12 * (high - low) : low + 1);
      const shown = scores.map((v) => clamp(v, low - 1, high));
      small.line(line, PLACES, shown);
      small.fill(under, PLACES, shown.map(() => low), shown);
      small.line(drop, [next, next], small.y);
      small.spots(tip, [next], [interpolate(shown, next)], { shape: "triangle", size: 6 });
      radio.checked = chosen;
      label.classList.toggle("strong", chosen);
      where.textContent = `next x = ${next.toFixed(3)}${tied ? ", of equals the lowest bound" : ""}`;
      small.label = `Score by ${RULES[name][0]}, highest at x = ${next.toFixed(3)}.`;
    });
    reveal.setAttribute("aria-pressed", revealed);
    const i = Math.round(200 * x), half = 1.96 * now.std[i];
    const sentence = minus(`${trials.length} trials, best loss ${now.best.toFixed(2)}. Next: x = ${x.toFixed(3)}, expected there `) +
      minus(`${now.mean[i].toFixed(2)} ± ${half.toFixed(2)}.`);
    const found = revealed ? minus(` The function's lowest value is ${Math.min(...truth).toFixed(2)}.`) : "";
    status.textContent = sentence + found;
    chart.label = `Mean and 95 % band of a Gaussian process through ${trials.length} trials. ${sentence}`;
    say(sentence + found);
  }
  reset();
  return { charts: [main.chart, ...rows.map((row) => row.chart)], nodes: [area, key, field, knob.node, buttons], update, stop: () => {} };
}

export default { render };
