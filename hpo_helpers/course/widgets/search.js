// What both halves of the widget of chapter 4 share: hidden functions, five rules, and a posterior's chart.
import { argmax, normals, random, range } from "./numbers.js";
import {
  confidenceImprovement, expectedImprovement, logExpectedImprovement, lowerConfidenceBound, probabilityOfImprovement, Process,
} from "./process.js";
import { Chart, minus } from "./base.js";
import { slider } from "./controls.js";

export const PLACES = range(201, 0, 1);
const SETTINGS = { kernel: "matern52", signal: 1, mean: 0 };
/** What the knob means to a bound, and to a probability or an expectation: in the middle 1.96 and no margin. */
export const BOLDNESS = 0.5;
const nStd = (t) => 3.92 * t, margin = (t) => t - BOLDNESS;

/** Rules by name: title, whether the score has a natural zero, and the score of a prediction; highest is next. */
export const RULES = {
  ei: ["expected improvement", true, (m, s, best, t) => expectedImprovement(m, s, best, margin(t))],
  logEI: ["log expected improvement", false, (m, s, best, t) => logExpectedImprovement(m, s, best, margin(t))],
  pi: ["probability of improvement", true, (m, s, best, t) => probabilityOfImprovement(m, s, best, margin(t))],
  bound: ["confidence bound, upside down", false, (m, s, best, t) => -lowerConfidenceBound(m, s, nStd(t))],
  article: ["the article's rule", true, (m, s, best, t) => confidenceImprovement(m, s, best, nStd(t))],
};
export const NAMES = Object.keys(RULES);
/** The one knob for all rules. */
export const exploration = (changed) => slider({ label: "exploration", low: 0, high: 1, value: BOLDNESS, step: 0.01, changed,
  show: (v) => minus(`${nStd(v).toFixed(2)} std, margin ${margin(v).toFixed(2)}`) });

const believed = (trials, length) => new Process(trials.map((t) => t[0]), trials.map((t) => t[1]), { ...SETTINGS, length });

/** Functions at `PLACES` that a Gaussian process believes in after some trials, one for each seed. */
export function hidden(trials, length) {
  const process = believed(trials, length);
  return (seed) => process.sample(PLACES, [normals(PLACES.length, random(seed))])[0];
}
/** The posterior, the scores by a rule, and which place has the highest of those not tried; ties go by the bound. */
export function judged(trials, length, name, boldness) {
  const { mean, std } = believed(trials, length).predict(PLACES), best = Math.min(...trials.map((t) => t[1]));
  const scored = (rule) => mean.map((m, i) => RULES[rule][2](m, std[i], best, boldness));
  const open = PLACES.map((place) => trials.every((t) => Math.abs(t[0] - place) > 1e-9));
  const scores = scored(name), bounds = scored("bound");
  const top = Math.max(...scores.filter((v, i) => open[i]));
  const flat = scores.map((v, i) => (open[i] && v === top ? bounds[i] : -Infinity));
  return { mean, std, best, scores, next: PLACES[argmax(flat)], tied: flat.filter((v) => v > -Infinity).length > 1 };
}

/** A chart of a posterior with its trials. */
export class Posterior {
  constructor(parent, options) {
    this.chart = new Chart(parent, { x: [0, 1], y: [-3, 3], ...options });
    const add = (className) => this.chart.add(className);
    [this.band, this.truth, this.line] = [add("area blue"), add("green dotted thick"), add("blue thick")];
    [this.drop, this.best, this.dots, this.newest] = [add("vermillion thin"), add("soft dashed thin"), add("mark ink"), add("mark ring")];
  }
  draw({ mean, std, best }, trials, next, truth) {
    const { chart } = this, end = (k) => mean.map((m, i) => m + k * 1.96 * std[i]);
    chart.fill(this.band, PLACES, end(-1), end(1));
    chart.line(this.line, PLACES, mean);
    chart.line(this.truth, truth ? PLACES : [], truth);
    chart.line(this.best, [0, 1], [best, best]);
    chart.line(this.drop, next === null ? [] : [next, next], chart.y);
    chart.spots(this.dots, trials.map((t) => t[0]), trials.map((t) => t[1]), { size: 5 });
    chart.spots(this.newest, [trials.at(-1)[0]], [trials.at(-1)[1]], { size: 9 });
  }
}
