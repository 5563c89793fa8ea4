// Chapter 2: two correlated numbers as a scatter plot and in parallel coordinates, one of them known or not.
import { clamp, normals, phi, random, range } from "./numbers.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, Handles, legend, slider } from "./controls.js";

const MEAN = [0, 1], STD = [1, Math.sqrt(2.5)];
const START = 0.7 / STD[1];  // the covariance of the chapter
const FIRST_SEED = 5;
const MOST = 0.99, WITHIN = Math.sqrt(-2 * Math.log(0.05));  // so many standard deviations hold 95 % of the pairs
const LIMITS = [[-3.5, 3.5], [-5, 7]], SIDES = [0.12, 0.88];
const AROUND = range(121, 0, 2 * Math.PI), UP = range(161, ...LIMITS[1]);

/** Pairs with means and standard deviations as given and a correlation, from pairs of standard normal numbers. */
export const correlated = (draws, rho, mean = MEAN, std = STD) =>
  draws.map(([a, b]) => [mean[0] + std[0] * a, mean[1] + std[1] * (rho * a + Math.sqrt(1 - rho * rho) * b)]);

/** Mean and standard deviation of the second number where the first is known. */
export const condition = (known, rho, mean = MEAN, std = STD) =>
  [mean[1] + (rho * std[1] * (known - mean[0])) / std[0], std[1] * Math.sqrt(1 - rho * rho)];

const first = (pairs) => pairs.map((pair) => pair[0]), second = (pairs) => pairs.map((pair) => pair[1]);
const sight = (nodes, seen) => nodes.forEach((node) => { node.style.display = seen ? "" : "none"; });

/** Dots, the ellipse, and where one number is known what is left of the other. */
function scatter(plots) {
  const [across, high] = LIMITS;
  const chart = new Chart(plots, { x: across, y: high, height: 310, xLabel: "variable 1", yLabel: "variable 2", yCount: 6 });
  const cloud = chart.add("mark blue"), oval = chart.add("blue thin"), ridge = chart.add("soft thin dashed");
  const slice = chart.add("orange thin"), bell = chart.add("area orange"), edge = chart.add("orange");
  const strip = chart.add("mark orange"), dot = chart.add("mark purple");
  const draw = ({ pairs, given, rho, known, one }) => {
    const sure = known !== null, [m, s] = condition(known ?? 0, rho);
    chart.spots(cloud, first(pairs), second(pairs), { size: 3 });
    cloud.classList.toggle("fainter", sure);
    const outline = correlated(AROUND.map((t) => [WITHIN * Math.cos(t), WITHIN * Math.sin(t)]), rho);
    chart.line(oval, first(outline), second(outline));
    chart.line(ridge, across, across.map((x) => condition(x, rho)[0]));
    chart.spots(dot, ...[first, second].map((of) => [of(sure ? given : pairs)[one]]), { size: 6 });
    sight([slice, bell, edge, strip], sure);
    const reach = UP.map((y) => known + (1.1 * phi((y - m) / s)) / Math.max(s, 0.35));
    chart.line(slice, [known, known], high);
    chart.line(edge, reach, UP);
    bell.setAttribute("d", `M${chart.trace([known, ...reach, known], [high[0], ...UP, high[1]])}Z`);
    chart.spots(strip, first(given), second(given), { size: 2.5 });
  };
  return { chart, draw };
}

/** The same pairs as lines between two upright axes. */
function parallel(plots, bottom) {
  const high = LIMITS[1], chart = new Chart(plots, { x: [0, 1], y: high, height: 310, yLabel: "value", xTicks: false, yCount: 6 });
  chart.bottom = bottom;
  const all = chart.add(""), fan = chart.add("orange thin faint"), line = chart.add("purple thick");
  const uprights = SIDES.map(() => chart.add("axis", "line", chart.back));
  const names = SIDES.map(() => chart.add("", "text", chart.back));
  names.forEach((text, i) => { text.textContent = `variable ${i + 1}`; });
  const spread = chart.add("blue thick"), narrowed = chart.add("orange thick");
  const draw = ({ pairs, given, rho, known, one }) => {
    const sure = known !== null, [m, s] = condition(known ?? 0, rho);
    const web = (some) => some.map((pair) => `M${chart.trace(SIDES, pair)}`).join("");
    all.setAttribute("d", web(pairs));
    all.setAttribute("class", `blue thin ${sure ? "fainter" : "faint"}`);
    fan.setAttribute("d", web(given));
    sight([fan, narrowed], sure);
    chart.line(line, SIDES, (sure ? given : pairs)[one]);
    SIDES.forEach((x, i) => {
      chart.put(uprights[i], { x1: chart.X(x), x2: chart.X(x), y1: chart.Y(high[0]), y2: chart.Y(high[1]) });
      chart.put(names[i], { x: chart.X(x), y: chart.Y(high[0]) + 16, "text-anchor": "middle" });
    });
    const interval = (path, shift, mean, std) =>
      chart.line(path, [SIDES[1] + shift, SIDES[1] + shift], [mean - 1.96 * std, mean + 1.96 * std]);
    interval(spread, 0.035, MEAN[1], STD[1]);
    interval(narrowed, 0.065, m, s);
  };
  return { chart, draw };
}

const KEY = [["mark blue", "samples: a dot here, a line there", "disc"], ["purple thick", "one of them"], ["blue thin", "ellipse that holds 95 %"],
  ["soft thin dashed", "mean of variable 2 for each value of variable 1"], ["blue thick", "where 95 % of variable 2 lies"],
  ["area orange", "variable 2 once variable 1 is known", "area"]];

/** Sixty pairs of standard normal numbers. */
function dealt(seed) {
  const uniform = random(seed);
  return Array.from({ length: 60 }, () => normals(2, uniform));
}

export function render({ el }) {
  const state = {}, begin = () => Object.assign(state, { rho: START, known: null, seed: FIRST_SEED, one: 0 });
  const { plots, controls, status, say, start } = framed(el, {
    two: true,
    question: "What does a correlation look like, and what does one number tell about another?",
    how: "Drag the ring up or down: it sets the correlation. Then let variable 1 be known, and drag the filled point. " +
      "By keyboard: Tab to a point, then use the arrows.",
  });
  const left = scatter(plots), right = parallel(plots, left.chart.bottom);
  const change = (some) => {
    Object.assign(state, some);
    update();
  };
  const turn = (rho) => change({ rho: clamp(rho, -MOST, MOST) });
  const learn = (known) => change({ known: clamp(known, ...LIMITS[0]) });

  const ring = new Handles(left.chart, {
    step: [0, 0.04 * WITHIN * STD[1]], kind: "hollow",
    describe: () => ({ name: "Correlation", value: state.rho.toFixed(2) }),
    moved: (_, x, y) => turn((y - MEAN[1]) / (WITHIN * STD[1])),
  });
  const describe = () => ({ name: "Known value of variable 1", value: state.known.toFixed(1) });
  const foot = new Handles(left.chart, { step: [0.1, 0], describe, moved: (_, x) => learn(x) });
  const end = new Handles(right.chart, { step: [0, 0.1], describe, moved: (_, x, y) => learn(y) });
  const knob = slider({ label: "correlation", low: -MOST, high: MOST, value: START, step: 0.005, show: (v) => minus(v.toFixed(2)), changed: turn });
  const knows = button("Variable 1 is known", () => change({ known: state.known === null ? 1.5 : null }));
  plots.after(legend(...KEY));
  controls.append(knob.node, make("div", { class: "row" }, knows, button("Another of the samples", () => change({ one: (state.one + 1) % 60 })),
    button("New samples", () => change({ seed: state.seed + 1 })), button("Start again", () => { begin(); update(); })));

  function update() {
    const { rho, known, seed } = state, sure = known !== null, draws = dealt(seed), [m, s] = condition(known ?? 0, rho);
    const view = { ...state, pairs: correlated(draws, rho), given: draws.map((draw) => [known, m + s * draw[1]]) };
    [left, right].forEach((part) => part.draw(view));
    ring.draw([{ x: MEAN[0] + WITHIN * STD[0], y: MEAN[1] + WITHIN * rho * STD[1] }]);
    foot.draw(sure ? [{ x: known, y: LIMITS[1][0] }] : []);
    end.draw(sure ? [{ x: SIDES[0], y: known }] : []);
    knob.set(rho);
    knows.setAttribute("aria-pressed", sure);
    const [before, now] = [[MEAN[1], STD[1]], [m, s]].map(([mean, std]) => `${minus(mean.toFixed(1))} ± ${(1.96 * std).toFixed(1)}`);
    const sentence = sure
      ? `Variable 1 is ${minus(known.toFixed(1))}: then variable 2 is ${now} (95 %), and not ${before} as without it.`
      : `Correlation ${minus(rho.toFixed(2))}. Variable 2 is ${before} (95 %), whatever the correlation.`;
    status.textContent = sentence;
    left.chart.label = `Scatter plot of 60 pairs of numbers with correlation ${rho.toFixed(2)}, and the ellipse that holds 95 %. ${sentence}`;
    const way = rho < -0.3 ? "many of which cross" : rho > 0.3 ? "fewer of which cross" : "in all directions";
    right.chart.label = `The same pairs as lines between two upright axes, ${way}.`;
    say(sentence);
  }
  begin();
  return start([left.chart, right.chart], update);
}
export default { render };
