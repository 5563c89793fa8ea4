// Chapter 4: two rules race on one hidden function, or on many.
import { interpolate, range } from "./numbers.js";
import { BOLDNESS, exploration, hidden, judged, NAMES, Posterior, PLACES, RULES } from "./search.js";
import { Chart, make } from "./base.js";
import { button, choice, legend } from "./controls.js";

const FIRST = [0.1, 0.5, 0.9], LAST = 15, ROUGH = 0.05;

/** How far above a function's lowest value the best of the first k trials is, for k from that of `FIRST` on. */
function regrets(trials, truth) {
  const lowest = Math.min(...truth);
  return range(LAST - FIRST.length + 1, FIRST.length, LAST).filter((k) => k <= trials.length)
    .map((k) => Math.min(...trials.slice(0, k).map((t) => t[1])) - lowest);
}

/** Two rules on one hidden function, or on many. */
export function race(plots, controls, status, say) {
  const rules = ["ei", "pi"], truths = hidden([], ROUGH), STYLES = ["blue thick", "orange thick dashed"];
  let boldness = BOLDNESS, seed = 1, truth, searches, many = null, timer;
  const area = make("div", { class: "plots two" });
  const sides = rules.map((name, i) => {
    const pick = choice(["First rule", "Second rule"][i], NAMES.map((n) => [n, RULES[n][0]]), name, (v) => { rules[i] = v; reset(); update(); });
    const box = make("div", {}, pick);
    area.append(box);
    return new Posterior(box, { height: 200, xLabel: "x", yLabel: "loss" });
  });
  const goal = make("div"), chart = new Chart(goal, { x: [FIRST.length, LAST], y: [0, 1], height: 170, yLabel: "best loss, above the lowest there is", xLabel: "trials", yCount: 3 });
  const curves = STYLES.map((style) => chart.add(style));
  const key = legend(...STYLES.map((style, i) => [style, `${["first", "second"][i]} rule`]), ["area blue", "95 % band", "area"], ["green dotted thick", "the hidden function"],
    ["vermillion thin", "next trial"]);
  const knob = exploration((v) => { boldness = v; reset(); update(); });
  const step = button("Step both", () => { searches.forEach(advance); update(); }, "main");
  const finish = button(`To ${LAST} trials`, () => { while (searches[0].length < LAST) searches.forEach(advance); update(); });
  const fifty = button("Race on 50 functions", () => (timer ? stop() : go()));
  const buttons = make("div", { class: "row" }, step, finish, button("Another function", () => { seed += 1; reset(); update(); }), fifty);
  plots.append(area, goal, key);
  controls.append(knob.node, buttons);

  function begin() {
    truth = truths(seed);
    searches = rules.map(() => FIRST.map((x) => [x, interpolate(truth, x)]));
  }
  function reset() {
    stop();
    many = null;
    begin();
  }
  function advance(trials, i) {
    if (trials.length >= LAST) return;
    const { next } = judged(trials, ROUGH, rules[i], boldness);
    trials.push([next, interpolate(truth, next)]);
  }
  function go() {
    many = { n: 0, sums: rules.map(() => Array(LAST - FIRST.length + 1).fill(0)), wins: [0, 0] };
    fifty.textContent = "Stop";
    const another = () => {
      seed += 1;
      begin();
      while (searches[0].length < LAST) searches.forEach(advance);
      const found = searches.map((trials) => regrets(trials, truth)), [a, b] = found.map((values) => values.at(-1));
      many.n += 1;
      many.sums.forEach((sum, i) => sum.forEach((_, k) => { sum[k] += found[i][k]; }));
      if (Math.abs(a - b) > 0.01) many.wins[+(b < a)] += 1;
      if (many.n < 50) timer = setTimeout(another, 0); else stop();
      update();
    };
    another();
  }
  function stop() {
    clearTimeout(timer);
    timer = null;
    fifty.textContent = "Race on 50 functions";
  }
  function update() {
    searches.forEach((trials, i) => {
      const now = judged(trials, ROUGH, rules[i], boldness), ended = trials.length >= LAST;
      sides[i].draw(now, trials, ended ? NaN : now.next, truth);
      sides[i].chart.label = `Search by ${RULES[rules[i]][0]} after ${trials.length} trials, best loss ${now.best.toFixed(2)}.`;
    });
    const shown = many ? many.sums.map((sum) => sum.map((v) => v / many.n)) : searches.map((trials) => regrets(trials, truth));
    chart.rise(0, 1.1 * Math.max(0.1, ...shown.flat()));
    shown.forEach((ys, i) => chart.line(curves[i], ys.map((_, k) => k + FIRST.length), ys));
    step.disabled = finish.disabled = searches[0].length >= LAST;
    const ends = shown.map((ys) => ys.at(-1).toFixed(2)), names = rules.map((name) => RULES[name][0]);
    const sentence = many
      ? `After ${many.n} functions: ${names[0]} is ${ends[0]} above the lowest on average, ${names[1]} ${ends[1]}. ` +
        `The first found the lower loss ${many.wins[0]} times, the second ${many.wins[1]} times; else they differ by 0.01 or less.`
      : `After ${searches[0].length} trials: ${names[0]} is ${ends[0]} above the lowest loss, ${names[1]} ${ends[1]}.`;
    status.textContent = sentence;
    chart.label = `Best loss by the number of trials, for two rules. ${sentence}`;
    say(sentence);
  }
  begin();
  return { charts: [...sides.map((side) => side.chart), chart], nodes: [area, goal, key, knob.node, buttons], update, stop };
}
