// Chapter 2: two correlated numbers as a scatter plot and in parallel coordinates, one of them known or not.
import { clamp, normals, phi, random, range } from "./numbers.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, Handles, legend, slider } from "./controls.js";

const MEAN = [0, 1], STD = [1, Math.sqrt(2.5)];
const START = 0.7 / STD[1];  // the covariance of the chapter
const MOST = 0.99, WITHIN = Math.sqrt(-2 * Math.log(0.05));  // so many standard deviations hold 95 % of the pairs
const LIMITS = [[-3.5, 3.5], [-4, 6]], SIDES = [0.12, 0.88];
const AROUND = range(121, 0, 2 * Math.PI), UP = range(161, ...LIMITS[1]);

/** Pairs with means and standard deviations as given and a correlation, from pairs of standard normal numbers. */
export const correlated = (draws, rho, mean = MEAN, std = STD) =>
  draws.map(([a, b]) => [mean[0] + std[0] * a, mean[1] + std[1] * (rho * a + Math.sqrt(1 - rho * rho) * b)]);

/** Mean and standard deviation of the second number where the first is known. */
export const condition = (known, rho, mean = MEAN, std = STD) =>
  [mean[1] + (rho * std[1] * (known - mean[0])) / std[0], std[1] * Math.sqrt(1 - rho * rho)];

export function render({ el }) {
  let rho = START, known = null, seed = 5, one = 0, draws;
  const { plots, controls, status, say, start } = framed(el, {
    two: true,
    question: "What does a correlation look like, and what does one number tell about another?",
    how: "Drag the red ring up or down: it sets the correlation. Then let variable 1 be known, and drag the black point. " +
      "By keyboard: Tab to a point, then use the arrows.",
  });
  const [across, high] = LIMITS;
  const scatter = new Chart(plots, { x: across, y: high, height: 310, xLabel: "variable 1", yLabel: "variable 2" });
  const lines = new Chart(plots, { x: [0, 1], y: high, height: 310, xLabel: " ", yLabel: "value", xTicks: false });
  lines.bottom = scatter.bottom;

  const cloud = scatter.add("mark blue"), oval = scatter.add("blue thin"), ridge = scatter.add("soft thin dashed");
  const slice = scatter.add("orange thin"), bell = scatter.add("area orange"), bellEdge = scatter.add("orange");
  const strip = scatter.add("mark orange"), dot = scatter.add("mark purple");
  const all = lines.add("blue thin"), fan = lines.add("orange thin faint"), line = lines.add("purple thick");
  const uprights = SIDES.map(() => lines.add("axis", "line", lines.back));
  const names = ["variable 1", "variable 2"].map((name) => {
    const text = lines.add("", "text", lines.back);
    text.textContent = name;
    return text;
  });
  const spread = lines.add("blue thick"), narrowed = lines.add("orange thick");

  const ring = new Handles(scatter, {
    step: [0, 0.04 * WITHIN * STD[1]], kind: "hollow",
    describe: () => ({ name: "Correlation", value: rho.toFixed(2) }),
    moved: (_, x, y) => turn((y - MEAN[1]) / (WITHIN * STD[1])),
  });
  const foot = new Handles(scatter, {
    step: [0.1, 0],
    describe: () => ({ name: "Known value of variable 1", value: known.toFixed(1) }),
    moved: (_, x) => learn(x),
  });
  const end = new Handles(lines, {
    step: [0, 0.1],
    describe: () => ({ name: "Known value of variable 1", value: known.toFixed(1) }),
    moved: (_, x, y) => learn(y),
  });

  const knob = slider({ label: "correlation", low: -MOST, high: MOST, value: rho, step: 0.005, show: (v) => minus(v.toFixed(2)), changed: turn });
  const knows = button("Variable 1 is known", () => learn(known === null ? 1.5 : null));
  plots.after(legend(["mark blue", "samples: a dot here, a line there", "disc"], ["purple thick", "one of them"],
    ["blue thin", "ellipse that holds 95 %"], ["soft thin dashed", "mean of variable 2 for each value of variable 1"],
    ["blue thick", "where 95 % of variable 2 lies"], ["area orange", "variable 2 once variable 1 is known", "area"]));
  controls.append(knob.node, make("div", { class: "row" }, knows,
    button("Another of the samples", () => { one = (one + 1) % draws.length; update(); }),
    button("New samples", () => { seed += 1; deal(); update(); }),
    button("Start again", () => { [rho, known, seed, one] = [START, null, 5, 0]; deal(); update(); })));

  function deal() {
    const uniform = random(seed);
    draws = Array.from({ length: 60 }, () => normals(2, uniform));
  }
  function turn(value) {
    rho = clamp(value, -MOST, MOST);
    update();
  }
  function learn(value) {
    known = value === null ? null : clamp(value, ...across);
    update();
  }

  function update() {
    const pairs = correlated(draws, rho), [m, s] = condition(known ?? 0, rho), sure = known !== null;
    const given = pairs.map((_, i) => [known, m + s * draws[i][1]]), shown = sure ? given : pairs;
    knob.set(rho);
    knows.setAttribute("aria-pressed", sure);

    scatter.spots(cloud, pairs.map((p) => p[0]), pairs.map((p) => p[1]), { size: 3 });
    const outline = correlated(AROUND.map((t) => [WITHIN * Math.cos(t), WITHIN * Math.sin(t)]), rho);
    scatter.line(oval, outline.map((p) => p[0]), outline.map((p) => p[1]));
    scatter.line(ridge, across, across.map((x) => condition(x, rho)[0]));
    scatter.spots(dot, [shown[one][0]], [shown[one][1]], { size: 6 });
    cloud.classList.toggle("fainter", sure);
    for (const path of [slice, bell, bellEdge, strip, fan, narrowed]) path.style.display = sure ? "" : "none";
    const reach = UP.map((y) => known + 1.1 * phi((y - m) / s) / Math.max(s, 0.35));
    scatter.line(slice, [known, known], high);
    scatter.line(bellEdge, reach, UP);
    bell.setAttribute("d", `M${scatter.trace([known, ...reach, known], [high[0], ...UP, high[1]])}Z`);
    scatter.spots(strip, given.map((p) => p[0]), given.map((p) => p[1]), { size: 2.5 });

    const web = (some) => some.map((pair) => `M${lines.trace(SIDES, pair)}`).join("");
    all.setAttribute("d", web(pairs));
    fan.setAttribute("d", web(given));
    all.setAttribute("class", `blue thin ${sure ? "fainter" : "faint"}`);
    lines.line(line, SIDES, shown[one]);
    SIDES.forEach((x, i) => {
      lines.put(uprights[i], { x1: lines.X(x), x2: lines.X(x), y1: lines.Y(high[0]), y2: lines.Y(high[1]) });
      lines.put(names[i], { x: lines.X(x), y: lines.Y(high[0]) + 16, "text-anchor": "middle" });
    });
    const half = 1.96 * STD[1];
    lines.line(spread, [SIDES[1] + 0.035, SIDES[1] + 0.035], [MEAN[1] - half, MEAN[1] + half]);
    lines.line(narrowed, [SIDES[1] + 0.065, SIDES[1] + 0.065], [m - 1.96 * s, m + 1.96 * s]);

    ring.draw([{ x: MEAN[0] + WITHIN * STD[0], y: MEAN[1] + WITHIN * rho * STD[1] }]);
    foot.draw(sure ? [{ x: known, y: high[0] }] : []);
    end.draw(sure ? [{ x: SIDES[0], y: known }] : []);
    const before = `${MEAN[1].toFixed(1)} ± ${half.toFixed(1)}`, now = minus(`${m.toFixed(1)} ± ${(1.96 * s).toFixed(1)}`);
    const sentence = sure
      ? `Variable 1 is ${minus(known.toFixed(1))}: then variable 2 is ${now} (95 %), and not ${before} as without it.`
      : `Correlation ${minus(rho.toFixed(2))}. Variable 2 is ${before} (95 %), whatever the correlation.`;
    status.textContent = sentence;
    scatter.label = `Scatter plot of 60 pairs of numbers with correlation ${rho.toFixed(2)}, and the ellipse that holds 95 %. ${sentence}`;
    lines.label = `The same pairs as lines between two upright axes, ${rho < -0.3 ? "which cross" : rho > 0.3 ? "which seldom cross" : "in all directions"}.`;
    say(sentence);
  }
  deal();
  return start([scatter, lines], update);
}
export default { render };
