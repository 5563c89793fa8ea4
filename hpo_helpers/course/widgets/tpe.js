// Chapter 6: tree-structured Parzen estimators on a curve, stage by stage.
import { argmax, normals, random, range } from "./numbers.js";
import { groups } from "./parzen.js";
import { Chart, framed, make, minus } from "./base.js";
import { button, legend, slider } from "./controls.js";

const PLACES = range(201, 0, 1);
const FIRST_SEED = 7, FIRST = 15, CANDIDATES = 24, NOISE = 0.1;
const START = { gamma: 0.2, width: 0.1, byGaps: false };
const STAGES = [`Draw ${CANDIDATES} candidates`, "Take the best of them", "Train it"];
const loss = (x) => 0.6 * Math.cos(9 * x) + 2 * (x - 0.45) ** 2;

/** A search that goes through a trial in three stages. */
class Search {
  constructor(seed) {
    Object.assign(this, { uniform: random(seed), x: [], losses: [], rules: { ...START } });
    for (let k = 0; k < FIRST; k++) this.observe(this.uniform());
    this.begin(`${FIRST} random trials. `);
  }
  observe(x) {
    this.x.push(x);
    this.losses.push(loss(x) + NOISE * normals(1, this.uniform)[0]);
  }
  begin(news = "") {
    const { gamma, width, byGaps } = this.rules;
    Object.assign(this, { stage: 0, candidates: [], scores: [], news }, groups(this.x, this.losses, gamma, byGaps ? null : width));
  }
  ratio(x) { return this.l.density(x) / this.g.density(x); }
  /** The candidate with the largest ratio. */
  get best() { return argmax(this.scores); }
  get trained() { return this.news.startsWith("Trained"); }

  advance() {
    this.stage += 1;
    if (this.stage === 1) {
      this.candidates = Array.from({ length: CANDIDATES }, () => this.l.draw(this.uniform));
      this.scores = this.candidates.map((x) => this.ratio(x));
    } else if (this.stage === 3) {
      this.observe(this.candidates[this.best]);
      this.begin();
      const i = this.losses.length - 1;
      const rank = argmax(this.losses.map((v) => -v)) === i ? "the best so far" : this.good.includes(i) ? "among the good" : "among the bad";
      this.news = `Trained: loss ${minus(this.losses[i].toFixed(2))}, ${rank}. `;
    }
  }
  trial() {
    do this.advance(); while (this.stage > 0);
  }
  get sentence() {
    const { stage, news, losses, good, candidates, scores, best } = this;
    if (stage === 0) return `${news}Of ${losses.length} trials the best ${good.length} are good: they make l, the others make g.`;
    if (stage === 1) return `${CANDIDATES} candidates, drawn from l. Which of them has the largest l / g?`;
    return `Of the candidates, x = ${candidates[best].toFixed(2)} has the largest l / g, ${scores[best].toFixed(1)}: it is the next trial.`;
  }
}

/** The losses in their groups. */
function trialsChart(plots) {
  const chart = new Chart(plots, { x: [0, 1], y: [-1, 1.3], height: 210, yLabel: "loss", xTicks: false });
  const curve = chart.add("soft dotted"), border = chart.add("soft dashed thin"), newest = chart.add("mark ring");
  const bad = chart.add("vermillion"), good = chart.add("mark blue"), drop = chart.add("ink thin");
  const draw = (search, next) => {
    const { x, losses } = search, of = (some) => [some.map((i) => x[i]), some.map((i) => losses[i])];
    chart.line(curve, PLACES, PLACES.map(loss));
    chart.spots(good, ...of(search.good), { size: 5 });
    chart.spots(bad, ...of(search.bad), { shape: "cross" });
    chart.spots(newest, ...of(search.trained ? [x.length - 1] : []), { size: 9 });
    const middle = (Math.max(...of(search.good)[1]) + Math.min(...of(search.bad)[1])) / 2;
    chart.line(border, [0, 1], [middle, middle]);
    chart.line(drop, next.flatMap((v) => [v, v]), next.flatMap(() => chart.y));
    chart.label = `Losses of ${x.length} trials along a curve with two valleys; the ${search.good.length} lowest are good.`;
  };
  return { chart, draw };
}

/** The two densities, the bumps of the first, and the candidates drawn from it. */
function densitiesChart(plots) {
  const chart = new Chart(plots, { x: [0, 1], y: [0, 4], height: 140, yLabel: "density", xTicks: false, yCount: 3 });
  const bumps = chart.add("blue thin faint"), g = chart.add("vermillion dashed thick"), l = chart.add("blue thick");
  const drawn = chart.add("purple"), drop = chart.add("ink thin");
  const draw = (search, next) => {
    const [ls, gs] = [search.l, search.g].map((estimator) => PLACES.map((x) => estimator.density(x)));
    chart.rise(0, 1.08 * Math.max(...ls, ...gs));
    chart.line(l, PLACES, ls);
    chart.line(g, PLACES, gs);
    const each = search.l.centers.map((_, i) => chart.trace(PLACES, PLACES.map((x) => search.l.bump(i, x))));
    bumps.setAttribute("d", each.map((trace) => `M${trace}`).join(""));
    chart.spots(drawn, search.candidates, search.candidates.map(() => 0), { shape: "tick", size: 6 });
    chart.line(drop, next.flatMap((v) => [v, v]), next.flatMap(() => chart.y));
    const [good, bad] = [ls, gs].map((ys) => PLACES[argmax(ys)].toFixed(2));
    chart.label = `Densities of the good trials, highest at ${good}, and of the bad, highest at ${bad}.`;
  };
  return { chart, draw };
}

/** The ratio of the two, and what it says of the candidates. */
function ratioChart(plots) {
  const chart = new Chart(plots, { x: [0, 1], y: [0, 4], height: 150, yLabel: "l / g", xLabel: "x", yCount: 3 });
  const curve = chart.add("green thick"), one = chart.add("soft thin dashed"), scored = chart.add("mark purple");
  const drop = chart.add("ink thin"), winner = chart.add("mark ink");
  const draw = (search, next) => {
    const ratios = PLACES.map((x) => search.ratio(x));
    chart.rise(0, 1.15 * Math.max(...ratios));
    chart.line(curve, PLACES, ratios);
    chart.line(one, [0, 1], [1, 1]);
    chart.spots(scored, search.candidates, search.scores, { size: 3 });
    chart.line(drop, next.flatMap((v) => [v, v]), next.flatMap(() => chart.y));
    chart.spots(winner, next, next.map(() => search.scores[search.best]), { shape: "triangle", size: 8 });
    chart.label = `Their ratio, highest at ${PLACES[argmax(ratios)].toFixed(2)}. ${search.sentence}`;
  };
  return { chart, draw };
}

const KEY = [["soft dotted", "loss without noise, unknown to TPE"], ["mark blue", "good trials", "disc"],
  ["vermillion", "bad trials", "cross"], ["soft dashed thin", "border between the groups; l = g"], ["blue thick", "l: where good trials are"],
  ["vermillion dashed thick", "g: where bad ones are"], ["purple", "candidates, drawn from l", "tick"], ["mark ink", "the next trial", "triangle"]];

export function render({ el }) {
  let seed = FIRST_SEED, search = new Search(seed);
  const { plots, controls, status, say, start } = framed(el, {
    question: "Where does TPE try next, and why there?",
    how: "Go through a trial stage by stage. Then change gamma, the share of the good trials, and the width of the bumps.",
  });
  const parts = [trialsChart(plots), densitiesChart(plots), ratioChart(plots)];
  plots.append(legend(...KEY));

  const change = (rules) => {
    Object.assign(search.rules, rules);
    search.begin();
    update();
  };
  const act = (deed) => () => {
    deed();
    update();
  };
  const gammas = slider({ label: "gamma", low: 0.05, high: 0.6, value: START.gamma, step: 0.01, show: (v) => `${(100 * v).toFixed(0)} % good`,
    changed: (gamma) => change({ gamma }) });
  const widths = slider({ label: "width of a bump", low: 0.02, high: 0.5, value: START.width, log: true, step: 0.01,
    show: (v) => (search.rules.byGaps ? "by the gaps" : v.toPrecision(2)), changed: (width) => change({ width, byGaps: false }) });
  const next = button(STAGES[0], act(() => search.advance()), "main");
  const gaps = button("Widths by the gaps", () => change({ byGaps: !search.rules.byGaps }));
  controls.append(gammas.node, widths.node, make("div", { class: "row" }, next, button("One trial", act(() => search.trial())),
    button("Ten trials", act(() => { for (let k = 0; k < 10; k++) search.trial(); })), gaps,
    button("Start again", act(() => { search = new Search(seed += 1); }))));

  function update() {
    const { stage, candidates, best, rules, sentence } = search;
    parts.forEach((part) => part.draw(search, stage === 2 ? [candidates[best]] : []));
    gammas.set(rules.gamma);
    widths.set(rules.width);
    gaps.setAttribute("aria-pressed", rules.byGaps);
    next.textContent = STAGES[stage];
    status.textContent = sentence;
    say(sentence);
  }
  return start(parts.map((part) => part.chart), update);
}
export default { render };
