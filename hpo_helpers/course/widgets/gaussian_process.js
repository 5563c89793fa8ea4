// Chapter 3: a Gaussian process whose observations and hyperparameters can be moved.
import { normals, random, range } from "./numbers.js";
import { climb, Process } from "./process.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, choice, Handles, legend, slider } from "./controls.js";

const PLACES = range(101, 0, 300);
const MEAN = 75;  // percent
const START = { length: 60, signal: 15, noise: 0.01, kernel: "squared_exponential" };
const NETWORKS = [[10, 65], [100, 82], [200, 84]];
const KNOBS = {
  length: ["length scale", 5, 400, (v) => `${+v.toPrecision(2)} units`],
  signal: ["signal (std)", 1, 60, (v) => `${+v.toPrecision(2)} points`],
  noise: ["noise (std)", 0.01, 30, (v) => `${+v.toPrecision(2)} points`],
};
const NAMES = Object.keys(KNOBS);
const KERNEL_NAMES = [["squared_exponential", "squared exponential"], ["matern52", "Matérn 5/2"]];

const fitted = (points, model) => new Process(points.map((p) => p.x), points.map((p) => p.y), { ...model, mean: MEAN });

/** The chart, and a function that draws a process, samples of it from a seed, and the two ends of bands. */
function picture(plots) {
  const chart = new Chart(plots, { x: [0, 300], y: [40, 110], height: 320, xLabel: "hidden units", yLabel: "accuracy (%)" });
  const band = chart.add("area blue"), ends = [0, 1].map(() => chart.add("blue thin dashed faint"));
  const samples = [0, 1, 2, 3].map(() => chart.add("purple thin")), line = chart.add("blue thick");
  plots.append(legend(["blue thick", "mean"], ["area blue", "95 % band of the function", "area"],
    ["blue thin dashed faint", "95 % band of a new training"], ["purple thin", "functions drawn from the model"],
    ["mark ink", "trained networks, the chosen one with a rim", "disc"]));
  const draw = (process, seed) => {
    const { mean, std } = process.predict(PLACES), uniform = random(seed);
    const away = (k, extra = 0) => mean.map((m, i) => m + k * 1.96 * Math.hypot(std[i], extra));
    chart.fill(band, PLACES, away(-1), away(1));
    ends.forEach((path, i) => chart.line(path, PLACES, away(2 * i - 1, process.noise)));
    const functions = process.sample(PLACES, samples.map(() => normals(PLACES.length, uniform)));
    functions.forEach((ys, i) => chart.line(samples[i], PLACES, ys));
    chart.line(line, PLACES, mean);
    const widest = std.indexOf(Math.max(...std));
    return { x: PLACES[widest], mean: mean[widest], half: 1.96 * std[widest] };
  };
  return { chart, draw };
}

/** The log marginal likelihood as a number and as a sum. */
function evidence() {
  const number = make("b"), parts = make("span", { class: "note" });
  const show = (process) => {
    const fit = -0.5 * process.alpha.reduce((sum, a, i) => sum + a * process.r[i], 0);
    const constant = -0.5 * process.n * Math.log(2 * Math.PI), terms = { fit, simplicity: process.evidence - fit - constant, constant };
    number.textContent = minus(process.evidence.toFixed(2));
    parts.textContent = Object.entries(terms).map(([name, v]) => `${name} ${minus(v.toFixed(1))}`).join(", ");
  };
  return { node: make("div", { class: "number" }, "log marginal likelihood", number, parts), show };
}

/** The way up from a model: settings of the knobs, each better than the one before. */
function* ascent(points, model) {
  const settings = (logs) => Object.fromEntries(NAMES.map((name, i) => [name, Math.exp(logs[i])]));
  const look = (logs) => {
    const process = fitted(points, { ...model, ...settings(logs) }), { slopes } = process;
    return [process.evidence, NAMES.map((name) => slopes[name])];
  };
  const [low, high] = [1, 2].map((end) => NAMES.map((name) => Math.log(KNOBS[name][end])));
  for (const logs of climb(NAMES.map((name) => Math.log(model[name])), look, low, high)) yield settings(logs);
}

/** Takes steps, one at a time or at once for those who want no motion; `moved` gets each. */
function climber(moved, ended) {
  let timer = null;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    ended();
  };
  const go = (steps) => {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const one = () => {
      const { value, done } = steps.next();
      if (done) return stop();
      moved(value);
      timer = still ? -1 : setTimeout(one, 60);
      return still && one();
    };
    one();
  };
  return { go, stop, get runs() { return timer !== null; } };
}

export function render({ el }) {
  const model = { ...START };
  let points, seed;
  const { plots, controls, status, say, start } = framed(el, {
    question: "Three networks are trained. What do we know about all the others?",
    how: "Drag a point; tap an empty place to add one. By keyboard: Tab to a point, arrows move it, Enter adds one beside it, " +
      "Delete removes it.",
  });
  const { chart, draw } = picture(plots), score = evidence();
  const handles = new Handles(chart, {
    step: [3, 1],
    describe: (i) => ({ name: `Network ${i + 1} of ${points.length}`, value: `${points[i].x.toFixed(0)} units, ${points[i].y.toFixed(0)} percent` }),
    moved: (i, x, y) => change(() => { points[i] = { x, y }; }),
    removed: remove,
    entered: (i) => add(Math.min(300, points[i].x + 20), points[i].y),
  });
  chart.ground.addEventListener("click", (event) => add(...chart.at(event)));
  const climbing = climber((settings) => {
    Object.assign(model, settings);
    ascend.textContent = "Stop";
    update();
  }, () => { ascend.textContent = "Climb"; });

  const knobs = NAMES.map((name) => {
    const [label, low, high, show] = KNOBS[name];
    return slider({ label, low, high, value: model[name], log: true, show, changed: (v) => change(() => { model[name] = v; }) });
  });
  const kernels = choice("kernel", KERNEL_NAMES, START.kernel, (name) => change(() => { model.kernel = name; }));
  const ascend = button("Climb", () => (climbing.runs ? climbing.stop() : climbing.go(ascent(points, model))), "main");
  const deleting = button("Delete the point", () => remove(handles.chosen));
  controls.append(...knobs.map((knob) => knob.node), score.node, make("div", { class: "row" }, ascend),
    make("div", { class: "row" }, kernels, button("Add a point", () => add(widest.x, Math.min(108, Math.max(42, widest.mean)))), deleting,
      button("Other samples", () => change(() => { seed += 1; })), button("Start again", () => change(reset))));

  let widest;
  function reset() {
    Object.assign(model, START);
    points = NETWORKS.map(([x, y]) => ({ x, y }));
    [seed, handles.chosen] = [1, points.length - 1];
  }
  function change(act) {
    climbing.stop();
    act();
    update();
  }
  function add(x, y) {
    change(() => points.push({ x, y }));
    handles.focus(points.length - 1);
  }
  function remove(i) {
    change(() => points.splice(i, 1));
  }
  function update() {
    const process = fitted(points, model);
    widest = draw(process, seed);
    score.show(process);
    handles.chosen = Math.max(0, Math.min(handles.chosen, points.length - 1));
    handles.draw(points);
    deleting.disabled = !points.length;
    kernels.value = model.kernel;
    NAMES.forEach((name, i) => knobs[i].set(model[name]));
    const sentence = `Most uncertain at ${widest.x.toFixed(0)} units: ${widest.mean.toFixed(0)} ± ${widest.half.toFixed(0)} %.`;
    status.textContent = sentence;
    chart.label = `Accuracy by hidden units: mean and 95 % band of a Gaussian process through ${points.length} networks. ${sentence}`;
    say(`${sentence} Log marginal likelihood ${process.evidence.toFixed(2)}.`);
  }
  reset();
  const end = start([chart], update);
  return () => {
    climbing.stop();
    end();
  };
}
export default { render };
