// Chapter 4: two rules race on one hidden function, or on many.
import { range } from "./numbers.js";
import { BOLDNESS, exploration, hidden, judged, key, NAMES, nearest, Posterior, RULES } from "./search.js";
import { Chart, make } from "./base.js";
import { button, choice, legend } from "./controls.js";

const TRACK = { places: range(201, 0, 1), length: 0.05, signal: 1, mean: 0 };
const FIRST = [0.1, 0.5, 0.9].map((x) => nearest(TRACK, x)), LAST = 15, MANY = 50;
const COUNTS = range(LAST - FIRST.length + 1, FIRST.length, LAST);
const STYLES = ["blue thick", "orange thick dashed"];

/** How far above a function's lowest value the best of the first k trials is, for each k of `COUNTS`. */
function regrets(trials, truth) {
  const lowest = Math.min(...truth);
  return COUNTS.filter((k) => k <= trials.length).map((k) => Math.min(...trials.slice(0, k).map((trial) => trial[1])) - lowest);
}

/** Two searches of one hidden function, each by its rule. */
class Race {
  constructor(truth, rules, boldness) {
    Object.assign(this, { truth, rules, boldness, searches: rules.map(() => FIRST.map((i) => this.trained(i, truth))) });
  }
  trained(i, truth = this.truth) { return [TRACK.places[i], truth[i]]; }
  get ended() { return this.searches[0].length >= LAST; }
  get regrets() { return this.searches.map((trials) => regrets(trials, this.truth)); }
  judged(i) { return judged(this.searches[i], TRACK, this.rules[i], this.boldness); }
  step() {
    if (this.ended) return;
    const next = this.searches.map((_, i) => this.judged(i).next);
    this.searches.forEach((trials, i) => trials.push(this.trained(next[i])));
  }
  finish() {
    while (!this.ended) this.step();
    return this;
  }
}

/** The sums over many races. */
class Tally {
  constructor() { Object.assign(this, { n: 0, sums: STYLES.map(() => COUNTS.map(() => 0)), wins: [0, 0] }); }
  add(race) {
    const [a, b] = race.regrets.map((values) => values.at(-1));
    this.n += 1;
    this.sums = this.sums.map((sum, i) => sum.map((v, k) => v + race.regrets[i][k]));
    if (Math.abs(a - b) > 0.01) this.wins[+(b < a)] += 1;
  }
  get means() { return this.sums.map((sum) => sum.map((v) => v / this.n)); }
}

/** The posteriors side by side, and below them how good each search is after so many trials. */
function picture(plots, chosen) {
  const area = make("div", { class: "plots two" }), goal = make("div");
  const sides = ["First rule", "Second rule"].map((label, i) => {
    const box = make("div", {}, choice(label, NAMES.map((name) => [name, RULES[name][0]]), chosen.rules[i], (name) => chosen.pick(i, name)));
    area.append(box);
    return new Posterior(box, TRACK, { x: [0, 1], y: [-3, 3], height: 200, xLabel: "x", yLabel: "loss" });
  });
  const chart = new Chart(goal, { x: [FIRST.length, LAST], y: [0, 1], height: 170, yLabel: "best loss, above the lowest there is", xLabel: "trials", yCount: 3 });
  const curves = STYLES.map((style) => chart.add(style)), ends = ["mark blue", "mark orange"].map((mark) => chart.add(mark));
  const above = key("trials"), below = legend(...STYLES.map((style, i) => [style, `${["first", "second"][i]} rule`]));
  plots.append(area, above, goal, below);
  const draw = (race, shown) => {
    sides.forEach((side, i) => {
      const now = race.judged(i), trials = race.searches[i];
      side.draw(now, trials, race.ended ? null : TRACK.places[now.next], race.truth);
      side.chart.label = `Search by ${RULES[race.rules[i]][0]} after ${trials.length} trials, best loss ${now.best.toFixed(2)}.`;
    });
    chart.rise(0, 1.1 * Math.max(0.1, ...shown.flat()));
    shown.forEach((ys, i) => {
      chart.line(curves[i], COUNTS.slice(0, ys.length), ys);
      chart.spots(ends[i], [COUNTS[ys.length - 1]], [ys.at(-1)]);
    });
  };
  return { draw, chart, charts: [...sides.map((side) => side.chart), chart], nodes: [area, above, goal, below] };
}

export function race(plots, controls, status, say) {
  const rules = ["ei", "pi"], truths = hidden([], TRACK);
  let boldness = BOLDNESS, seed = 1, now, tally, timer = null;
  const pick = (i, name) => {
    rules[i] = name;
    begin();
  };
  const { draw, chart, charts, nodes } = picture(plots, { rules, pick });
  const knob = exploration(TRACK, (value) => {
    boldness = value;
    begin();
  });
  const step = button("Step both", () => { now.step(); update(); }, "main");
  const finish = button(`To ${LAST} trials`, () => { now.finish(); update(); });
  const many = button("", () => (timer ? stop() : go()));
  const buttons = make("div", { class: "row" }, step, finish, button("Another function", () => { seed += 1; begin(); }), many);
  controls.append(knob.node, buttons);

  const fresh = () => new Race(truths(seed), [...rules], boldness);
  function stop() {
    clearTimeout(timer);
    timer = null;
    many.textContent = `Race on ${MANY} functions`;
  }
  function reset() {
    stop();
    [now, tally] = [fresh(), null];
  }
  function begin() {
    reset();
    update();
  }
  function go() {
    tally = new Tally();
    many.textContent = "Stop";
    const another = () => {
      seed += 1;
      tally.add(now = fresh().finish());
      if (tally.n < MANY) timer = setTimeout(another, 0); else stop();
      update();
    };
    another();
  }
  function update() {
    const shown = tally ? tally.means : now.regrets, ends = shown.map((ys) => ys.at(-1).toFixed(2)), names = rules.map((name) => RULES[name][0]);
    draw(now, shown);
    step.disabled = finish.disabled = now.ended;
    const sentence = tally
      ? `After ${tally.n} functions: ${names[0]} is ${ends[0]} above the lowest loss on average, ${names[1]} ${ends[1]}. ` +
        `The first found the lower loss ${tally.wins[0]} times, the second ${tally.wins[1]} times; else they differ by 0.01 or less. ` +
        "The upper charts show the last function."
      : `After ${now.searches[0].length} trials: ${names[0]} is ${ends[0]} above the lowest loss, ${names[1]} ${ends[1]}.`;
    status.textContent = sentence;
    chart.label = `Best loss by the number of trials, for two rules. ${sentence}`;
    say(sentence);
  }
  reset();
  return { charts, nodes: [...nodes, knob.node, buttons], update, stop };
}
