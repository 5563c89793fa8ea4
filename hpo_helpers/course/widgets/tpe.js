// Chapter 6: tree-structured Parzen estimators on a curve, stage by stage.
import { argmax, normals, random, range } from "./numbers.js";
import { groups } from "./parzen.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, legend, slider } from "./controls.js";

const PLACES = range(201, 0, 1);
const FIRST = 15, CANDIDATES = 24, NOISE = 0.1;
const GAMMA = 0.2, WIDTH = 0.1;
const loss = (x) => 0.6 * Math.cos(9 * x) + 2 * (x - 0.45) ** 2;
const STAGES = [`Draw ${CANDIDATES} candidates`, "Take the best of them", "Train it"];

export function render({ el }) {
  let seed = 0, gamma, width, byGaps, uniform, trials, stage, candidates, news;
  const { plots, controls, status, say, start } = framed(el, {
    question: "Where does TPE try next, and why there?",
    how: "Go through a trial stage by stage. Then change gamma, the share of the good trials, and the width of the bumps.",
  });
  const x = [0, 1];
  const top = new Chart(plots, { x, y: [-1, 1.3], height: 210, yLabel: "loss", xTicks: false });
  const middle = new Chart(plots, { x, y: [0, 4], height: 140, yLabel: "density", xTicks: false, yCount: 3 });
  const low = new Chart(plots, { x, y: [0, 4], height: 150, yLabel: "l / g", xLabel: "x", yCount: 3 });
  const curve = top.add("soft dotted"), border = top.add("soft dashed thin"), newest = top.add("purple mark ring");
  const bad = top.add("vermillion"), good = top.add("mark blue");
  const bumps = middle.add("blue thin faint"), g = middle.add("vermillion dashed thick"), l = middle.add("blue thick");
  const ratio = low.add("green thick"), one = low.add("soft thin dashed"), drawn = middle.add("purple"), scored = low.add("mark purple");
  const winner = low.add("mark ink"), drops = [top, middle, low].map((chart) => chart.add("ink thin"));
  plots.append(legend(["soft dotted", "loss without noise, unknown to TPE"], ["mark blue", "good trials", "disc"], ["vermillion", "bad trials", "cross"],
    ["soft dashed thin", "border between the groups; l = g"],
    ["blue thick", "l: where good trials are"], ["vermillion dashed thick", "g: where bad ones are"], ["purple", "candidates, drawn from l", "tick"],
    ["mark ink", "the next trial", "triangle"]));

  const gammas = slider({ label: "gamma", low: 0.05, high: 0.6, value: GAMMA, step: 0.01, show: (v) => `${(100 * v).toFixed(0)} % good`,
    changed: (v) => { gamma = v; forget(); } });
  const widths = slider({ label: "width of a bump", low: 0.02, high: 0.5, value: WIDTH, log: true, step: 0.01,
    show: (v) => (byGaps ? "by the gaps" : v.toPrecision(2)), changed: (v) => { [width, byGaps] = [v, false]; forget(); } });
  const gaps = button("Widths by the gaps", () => { byGaps = !byGaps; forget(); });
  const next = button(STAGES[0], () => { advance(); update(); }, "main");
  controls.append(gammas.node, widths.node, make("div", { class: "row" }, next,
    button("One trial", () => { trial(); update(); }), button("Ten trials", () => { for (let k = 0; k < 10; k++) trial(); update(); }),
    gaps, button("Start again", () => { seed += 1; reset(); update(); })));

  const observe = (place) => trials.push({ x: place, loss: loss(place) + NOISE * normals(1, uniform)[0] });
  const modeled = () => groups(trials.map((t) => t.x), trials.map((t) => t.loss), gamma, byGaps ? null : width);
  const score = (parts, place) => parts.l.density(place) / parts.g.density(place);
  function reset() {
    [gamma, width, byGaps, uniform, trials] = [GAMMA, WIDTH, false, random(7 + seed), []];
    gammas.set(gamma);
    widths.set(width);
    for (let k = 0; k < FIRST; k++) observe(uniform());
    restart(`${FIRST} random trials. `);
  }
  function restart(text = "") {
    [stage, candidates, news] = [0, [], text];
  }
  function forget() {
    restart();
    widths.set(width);
    update();
  }
  function advance() {
    const parts = modeled();
    if (stage === 0) candidates = Array.from({ length: CANDIDATES }, () => parts.l.draw(uniform));
    if (stage === 2) {
      observe(candidates[argmax(candidates.map((place) => score(parts, place)))]);
      const after = modeled(), i = trials.length - 1, value = trials[i].loss;
      const best = value <= Math.min(...trials.map((t) => t.loss));
      const rank = best ? "the best so far" : after.good.includes(i) ? "among the good" : "among the bad";
      restart(`Trained: loss ${minus(value.toFixed(2))}, ${rank}. `);
    } else stage += 1;
  }
  function trial() {
    do advance(); while (stage > 0);
  }

  function update() {
    const parts = modeled(), of = (some) => [some.map((i) => trials[i].x), some.map((i) => trials[i].loss)];
    const ls = PLACES.map((place) => parts.l.density(place)), gs = PLACES.map((place) => parts.g.density(place));
    const ratios = ls.map((v, i) => v / gs[i]), losses = trials.map((t) => t.loss);
    top.line(curve, PLACES, PLACES.map(loss));
    top.spots(good, ...of(parts.good), { size: 5 });
    top.spots(bad, ...of(parts.bad), { shape: "cross" });
    const fresh = news.startsWith("Trained") ? [trials.length - 1] : [];
    top.spots(newest, ...of(fresh), { size: 9 });
    const between = [Math.max(...parts.good.map((i) => losses[i])), Math.min(...parts.bad.map((i) => losses[i]))];
    top.line(border, x, Array(2).fill((between[0] + between[1]) / 2));

    middle.rise(0, 1.08 * Math.max(...ls, ...gs));
    middle.line(l, PLACES, ls);
    middle.line(g, PLACES, gs);
    bumps.setAttribute("d", parts.l.centers.map((_, i) => `M${middle.trace(PLACES, PLACES.map((place) => parts.l.bump(i, place)))}`).join(""));
    middle.spots(drawn, candidates, candidates.map(() => 0), { shape: "tick", size: 6 });

    const scores = candidates.map((place) => score(parts, place)), best = argmax(scores);
    low.rise(0, 1.15 * Math.max(...ratios));
    low.line(ratio, PLACES, ratios);
    low.line(one, x, [1, 1]);
    low.spots(scored, candidates, scores, { size: 3 });
    const chosen = stage === 2 ? [candidates[best]] : [];
    low.spots(winner, chosen, chosen.map(() => scores[best]), { shape: "triangle", size: 8 });
    drops.forEach((path, i) => [top, middle, low][i].line(path, chosen.flatMap((v) => [v, v]), chosen.flatMap(() => [top, middle, low][i].y)));

    next.textContent = STAGES[stage];
    gaps.setAttribute("aria-pressed", byGaps);
    const sentence = [
      `${news}Of ${trials.length} trials the best ${parts.good.length} are good: they make l, the others make g.`,
      `${CANDIDATES} candidates, drawn from l. Which of them has the largest l / g?`,
      `Of the candidates, x = ${candidates[best]?.toFixed(2)} has the largest l / g, ${scores[best]?.toFixed(1)}: it is the next trial.`,
    ][stage];
    status.textContent = sentence;
    say(sentence);
    top.label = `Losses of ${trials.length} trials along a curve with two valleys; the ${parts.good.length} lowest are good.`;
    middle.label = `Densities of the good trials, highest at ${PLACES[argmax(ls)].toFixed(2)}, and of the bad, highest at ${PLACES[argmax(gs)].toFixed(2)}.`;
    low.label = `Their ratio, highest at ${PLACES[argmax(ratios)].toFixed(2)}. ${sentence}`;
  }
  reset();
  return start([top, middle, low], update);
}
export default { render };
