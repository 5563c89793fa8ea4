// Chapter 4: what five rules would try next on one posterior, and a race of two of them.
import { clamp, range } from "./numbers.js";
import { BOLDNESS, exploration, hidden, judged, key, NAMES, nearest, Posterior, RULES } from "./search.js";
import { race } from "./race.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, Handles } from "./controls.js";

const SCENE = { places: range(300, 2, 600), length: 80, signal: 10, mean: 25 };  // the chapter's model
const SEEN = [[10, 35], [100, 18], [200, 16], [320, 19], [600, 22]];  // and its networks: hidden units, error
const UNITS = [0, 600], FIRST_SEED = 2;  // a function whose lowest error lies in the gap

const MODES = [
  ["One search, five rules", "Each curve below scores all places by a rule; its highest point is the rule's next trial. Choose a rule and " +
    "step, or drag the ring to a place of your own (arrow keys move it, Enter trains it)."],
  ["A race of two rules", "Two rules search the same hidden function, from the same three trials and with the same model. Who is first?"],
];

export function render({ el }) {
  const { plots, controls, status, say, start, how } = framed(el, { question: "Which network should be trained next: a safe one or a bold one?" });
  const parts = [one(plots, controls, status, say), race(plots, controls, status, say)];
  let mode = 0;
  const tabs = MODES.map(([name], i) => button(name, () => {
    parts[mode].stop();  // or it would go on to write its sentence here
    mode = i;
    update();
  }));
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

/** A rule's score along all places, with a button to choose it. */
function scoreRow(field, name, chosen) {
  const radio = make("input", { type: "radio", name: "rule", value: name, onchange: chosen }), where = make("output");
  const label = make("label", { class: "pick" }, radio, RULES[name][0], where), box = make("div");
  field.append(label, box);
  const last = name === NAMES.at(-1);
  const chart = new Chart(box, { x: UNITS, y: [0, 1], height: last ? 96 : 62, xTicks: last, xLabel: last ? "hidden units" : "", yCount: 2 });
  const area = chart.add("area green"), line = chart.add("green"), drop = chart.add("vermillion thin"), tip = chart.add("mark vermillion");
  const draw = ({ scores, next, tied }, isChosen) => {
    const finite = scores.filter(Number.isFinite), high = Math.max(...finite), least = Math.min(...finite);
    const low = RULES[name][1] ? 0 : name === "logEI" ? Math.max(least, high - 12) : least;
    const shown = scores.map((v) => clamp(v, low - 1, high));
    chart.rise(low, high > low ? high + 0.12 * (high - low) : low + 1);
    chart.line(line, SCENE.places, shown);
    chart.fill(area, SCENE.places, shown.map(() => low), shown);
    const place = SCENE.places[next];
    chart.line(drop, [place, place], chart.y);
    chart.spots(tip, [place], [shown[next]], { shape: "triangle", size: 6 });
    radio.checked = isChosen;
    label.classList.toggle("strong", isChosen);
    where.textContent = `${tied ? "of equals the lowest bound: " : ""}next ${place}`;
    chart.label = `Score by ${RULES[name][0]}, highest at ${place} units.`;
  };
  return { name, chart, draw };
}

/** One search, all rules: what each would try next. */
function one(plots, controls, status, say) {
  const truths = hidden(SEEN, SCENE), state = { seed: FIRST_SEED };
  let view;
  const begin = () => Object.assign(state, { rule: "ei", boldness: BOLDNESS, own: null, revealed: false, truth: truths(state.seed),
    trials: SEEN.map((trial) => trial.slice()) });
  const change = (some) => {
    Object.assign(state, some);
    update();
  };
  const next = () => state.own ?? view[state.rule].next;  // the number of a place
  const isTrained = (x) => state.trials.some((trial) => trial[0] === x);
  const train = () => {
    const i = next(), x = SCENE.places[i];
    if (!isTrained(x)) change({ own: null, trials: [...state.trials, [x, state.truth[i]]] });
  };
  const another = (seed) => {
    state.seed = seed;
    change(begin());
  };

  const area = make("div"), names = key("networks"), field = make("fieldset", {}, make("legend", { class: "unseen" }, "Rule"));
  const main = new Posterior(area, SCENE, { x: UNITS, y: [0, 50], height: 220, yLabel: "error (%)", xTicks: false });
  const ring = new Handles(main.chart, {
    step: [2, 0], kind: "hollow", entered: train,
    describe: () => ({ name: "Next trial", value: `${SCENE.places[next()]} units` }),
    moved: (_, x) => change({ own: nearest(SCENE, x) }),
  });
  const rows = NAMES.map((name) => scoreRow(field, name, () => change({ rule: name, own: null })));
  const knob = exploration(SCENE, (boldness) => change({ boldness, own: null }));
  const reveal = button("Reveal the function", () => change({ revealed: !state.revealed }));
  const step = button("Step", train, "main");
  const buttons = make("div", { class: "row" }, step, reveal, button("Another function", () => another(state.seed + 1)),
    button("Start again", () => another(FIRST_SEED)));
  plots.append(area, names, field);
  controls.append(knob.node, buttons);

  function update() {
    const { rule, boldness, trials, truth, revealed } = state;
    view = Object.fromEntries(NAMES.map((name) => [name, judged(trials, SCENE, name, boldness)]));
    const now = view[rule], i = next(), x = SCENE.places[i];
    main.draw(now, trials, x, revealed ? truth : null);
    ring.draw([{ x, y: main.chart.y[0] }]);
    rows.forEach((row) => row.draw(view[row.name], row.name === rule));
    knob.set(boldness);
    step.disabled = isTrained(x);
    reveal.setAttribute("aria-pressed", revealed);
    const [best, mean, half, lowest] = [now.best, now.mean[i], 1.96 * now.std[i], Math.min(...truth)].map((v) => minus(v.toFixed(1)));
    const sentence = `${trials.length} networks, the best with an error of ${best} %. Next: ${x} units, ` +
      (isTrained(x) ? "which is trained already: move the ring." : `expected there ${mean} ± ${half} %.`) +
      (revealed ? ` The function's lowest value is ${lowest} %.` : "");
    status.textContent = sentence;
    main.chart.label = `Mean and 95 % band of a Gaussian process through ${trials.length} networks. ${sentence}`;
    say(sentence);
  }
  begin();
  return { charts: [main.chart, ...rows.map((row) => row.chart)], nodes: [area, names, field, knob.node, buttons], update, stop: () => {} };
}
export default { render };
