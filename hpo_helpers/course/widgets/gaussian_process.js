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

export function render({ el }) {
  const model = { ...START };
  let points, seed, climbing;
  const { plots, controls, status, say, start } = framed(el, {
    question: "Three networks are trained. What do we know about all the others?",
    how: "Drag a point; tap an empty place to add one. By keyboard: Tab to a point, arrows move it, Enter adds one beside it, " +
      "Delete removes it.",
  });

  const chart = new Chart(plots, { x: [0, 300], y: [40, 110], height: 320, xLabel: "hidden units", yLabel: "accuracy (%)" });
  const band = chart.add("area blue"), ends = [0, 1].map(() => chart.add("blue thin dashed faint"));
  const samples = [0, 1, 2, 3].map(() => chart.add("purple thin"));
  const line = chart.add("blue thick");
  plots.append(legend(["blue thick", "mean"], ["area blue", "95 % band of the function", "area"],
    ["blue thin dashed faint", "95 % band of a new training"], ["purple thin", "functions drawn from the model"],
    ["mark ink", "trained networks", "disc"]));
  const handles = new Handles(chart, {
    step: [3, 1],
    describe: (i) => ({ name: `Network ${i + 1} of ${points.length}`, value: `${points[i].x.toFixed(0)} units, ${points[i].y.toFixed(0)} percent` }),
    moved: (i, x, y) => {
      stop();
      points[i] = { x, y };
      update();
    },
    removed: (i) => remove(i),
    entered: (i) => add(Math.min(300, points[i].x + 20), points[i].y),
  });
  chart.ground.addEventListener("click", (event) => add(...chart.at(event)));

  const number = make("b"), parts = make("span", { class: "note" });
  const knobs = NAMES.map((name) => {
    const [label, low, high, show] = KNOBS[name];
    const changed = (v) => {
      stop();
      model[name] = v;
      update();
    };
    return slider({ label, low, high, value: model[name], log: true, show, changed });
  });
  const kernels = choice("kernel", [["squared_exponential", "squared exponential"], ["matern52", "Matérn 5/2"]], START.kernel,
    (name) => {
      stop();
      model.kernel = name;
      update();
    });
  const deleting = button("Delete the point", () => remove(handles.chosen));
  const ascend = button("Climb", () => (climbing ? stop() : go()), "main");
  controls.append(...knobs.map((knob) => knob.node),
    make("div", { class: "number" }, "log marginal likelihood", number, parts),
    make("div", { class: "row" }, ascend), make("div", { class: "row" }, kernels, button("Add a point", () => addWidest()), deleting,
      button("Other samples", () => { seed += 1; update(); }), button("Start again", () => { reset(); update(); })));

  function reset() {
    stop();
    Object.assign(model, START);
    NAMES.forEach((name, i) => knobs[i].set(model[name]));
    kernels.value = START.kernel;
    points = NETWORKS.map(([x, y]) => ({ x, y }));
    seed = 1;
    handles.chosen = points.length - 1;
  }
  const fitted = (settings) => new Process(points.map((p) => p.x), points.map((p) => p.y), { ...settings, mean: MEAN });
  function add(x, y) {
    stop();
    points.push({ x, y });
    update();
    handles.focus(points.length - 1);
  }
  function addWidest() {
    const { mean, std } = fitted(model).predict(PLACES), i = std.indexOf(Math.max(...std));
    add(PLACES[i], Math.min(108, Math.max(42, mean[i])));
  }
  function remove(i) {
    stop();
    points.splice(i, 1);
    handles.chosen = Math.max(0, Math.min(handles.chosen, points.length - 1));
    update();
  }

  // The button climbs: a step a frame, or at once for those who want no motion.
  function go() {
    const low = NAMES.map((name) => Math.log(KNOBS[name][1])), high = NAMES.map((name) => Math.log(KNOBS[name][2]));
    const settings = (logs) => Object.fromEntries(NAMES.map((name, i) => [name, Math.exp(logs[i])]));
    const look = (logs) => {
      const process = fitted({ ...model, ...settings(logs) }), slopes = process.slopes;
      return [process.evidence, NAMES.map((name) => slopes[name])];
    };
    const steps = climb(NAMES.map((name) => Math.log(model[name])), look, low, high);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const one = () => {
      let { value, done } = steps.next();
      for (; still && !done; { value, done } = steps.next()) Object.assign(model, settings(value));
      if (value) Object.assign(model, settings(value));
      NAMES.forEach((name, i) => knobs[i].set(model[name]));
      if (done) stop(); else climbing = setTimeout(one, 60);
      update();
    };
    ascend.textContent = "Stop";
    one();
  }
  function stop() {
    clearTimeout(climbing);
    climbing = null;
    ascend.textContent = "Climb";
  }

  function update() {
    const process = fitted(model), { mean, std } = process.predict(PLACES);
    const away = (k, extra = 0) => mean.map((m, i) => m + k * 1.96 * Math.hypot(std[i], extra));
    chart.fill(band, PLACES, away(-1), away(1));
    ends.forEach((path, i) => chart.line(path, PLACES, away(2 * i - 1, model.noise)));
    const uniform = random(seed), draws = samples.map(() => normals(PLACES.length, uniform));
    process.sample(PLACES, draws).forEach((ys, i) => chart.line(samples[i], PLACES, ys));
    chart.line(line, PLACES, mean);
    handles.draw(points);
    deleting.disabled = !points.length;

    const fit = -0.5 * process.alpha.reduce((sum, a, i) => sum + a * process.r[i], 0);
    const constant = -0.5 * points.length * Math.log(2 * Math.PI), evidence = process.evidence;
    number.textContent = minus(evidence.toFixed(2));
    parts.textContent = `fit ${minus(fit.toFixed(1))}, spread ${minus((evidence - fit - constant).toFixed(1))}, ` +
      `constant ${minus(constant.toFixed(1))}`;
    const widest = std.indexOf(Math.max(...std)), half = 1.96 * std[widest];
    const sentence = `Most uncertain at ${PLACES[widest].toFixed(0)} units: ${mean[widest].toFixed(0)} ± ${half.toFixed(0)} %.`;
    status.textContent = sentence;
    chart.label = `Accuracy by hidden units: mean and 95 % band of a Gaussian process through ${points.length} networks. ${sentence}`;
    say(`${sentence} Log marginal likelihood ${evidence.toFixed(2)}.`);
  }
  reset();
  const end = start([chart], update);
  return () => {
    stop();
    end();
  };
}
export default { render };
