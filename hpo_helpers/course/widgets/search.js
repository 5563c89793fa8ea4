// What both halves of the widget of chapter 4 share: hidden functions, five rules, and a posterior's chart.
import { argmax, normals, random } from "./numbers.js";
import {
  confidenceImprovement, expectedImprovement, logExpectedImprovement, lowerConfidenceBound, probabilityOfImprovement, Process,
} from "./process.js";
import { Chart, minus } from "./base.js";
import { legend, slider } from "./controls.js";

export const BOLDNESS = 0.5;
/** What the knob means to a bound, and to a probability or an expectation: in the middle 1.96 and no margin. */
const nStd = (t) => 3.92 * t, margin = (t, signal) => 2 * signal * (t - BOLDNESS);

/** Rules by name: title, whether the score has a natural zero, and the score of a prediction; highest is next. */
export const RULES = {
  ei: ["expected improvement", true, (m, s, best, t, signal) => expectedImprovement(m, s, best, margin(t, signal))],
  logEI: ["log expected improvement", false, (m, s, best, t, signal) => logExpectedImprovement(m, s, best, margin(t, signal))],
  pi: ["probability of improvement", true, (m, s, best, t, signal) => probabilityOfImprovement(m, s, best, margin(t, signal))],
  bound: ["confidence bound, upside down", false, (m, s, best, t) => -lowerConfidenceBound(m, s, nStd(t))],
  article: ["the article's rule", true, (m, s, best, t) => confidenceImprovement(m, s, best, nStd(t))],
};
export const NAMES = Object.keys(RULES);
/** The one knob for all rules, on a scene. */
export const exploration = ({ signal }, changed) => slider({ label: "exploration", low: 0, high: 1, value: BOLDNESS, step: 0.01, changed,
  show: (v) => minus(`${nStd(v).toFixed(2)} std, margin ${margin(v, signal).toFixed(signal > 1 ? 1 : 2)}`) });

/**
 * A search takes place on a scene: `places`, evenly spaced, and the `length`, `signal` and `mean` of the Gaussian
 * process that its hidden function is drawn from and is modeled by. Trials are pairs of a place and a loss.
 */
const believed = (trials, { length, signal, mean }) =>
  new Process(trials.map((t) => t[0]), trials.map((t) => t[1]), { kernel: "matern52", length, signal, mean });

/** Functions, their values at the places, that agree with some trials: one for each seed. */
export function hidden(trials, scene) {
  const process = believed(trials, scene);
  return (seed) => process.sample(scene.places, [normals(scene.places.length, random(seed))])[0];
}
/** The number of the place that is nearest. */
export const nearest = ({ places }, x) => argmax(places.map((place) => -Math.abs(place - x)));

/** The posterior, the scores by a rule, and which place has the highest of those not tried; ties go by the bound. */
export function judged(trials, scene, name, boldness) {
  const { places, signal } = scene, { mean, std } = believed(trials, scene).predict(places);
  const best = Math.min(...trials.map((t) => t[1]));
  const scored = (rule) => mean.map((m, i) => RULES[rule][2](m, std[i], best, boldness, signal));
  const open = places.map((place) => trials.every((t) => Math.abs(t[0] - place) > 1e-9));
  const scores = scored(name), bounds = scored("bound"), top = Math.max(...scores.filter((v, i) => open[i]));
  const of = scores.map((v, i) => (open[i] && v === top ? bounds[i] : -Infinity));
  return { mean, std, best, scores, next: argmax(of), tied: of.filter((v) => v > -Infinity).length > 1 };
}

/** What is to be seen in charts of posteriors; `trials` is the word for what was tried. */
export const key = (trials) => legend(["blue thick", "mean"], ["area blue", "95 % band", "area"],
  ["mark ink", `${trials}, the last one ringed`, "disc"], ["soft dashed thin", "best so far"], ["vermillion thin", "next trial"],
  ["green dotted thick", "the hidden function"]);

/** A chart of a posterior with its trials. */
export class Posterior {
  constructor(parent, scene, options) {
    this.places = scene.places;
    this.chart = new Chart(parent, options);
    const add = (className) => this.chart.add(className);
    [this.band, this.truth, this.line] = [add("area blue"), add("green dotted thick"), add("blue thick")];
    [this.drop, this.best, this.dots, this.newest] = [add("vermillion thin"), add("soft dashed thin"), add("mark ink"), add("mark ring")];
  }
  /** Draw a judgment; `next`, if not null, is a place, and `truth` the hidden function or null. */
  draw({ mean, std, best }, trials, next, truth) {
    const { chart, places } = this, end = (k) => mean.map((m, i) => m + k * 1.96 * std[i]);
    chart.fill(this.band, places, end(-1), end(1));
    chart.line(this.line, places, mean);
    chart.line(this.truth, truth ? places : [], truth);
    chart.line(this.best, chart.x, [best, best]);
    chart.line(this.drop, next === null ? [] : [next, next], chart.y);
    chart.spots(this.dots, trials.map((t) => t[0]), trials.map((t) => t[1]), { size: 5 });
    chart.spots(this.newest, [trials.at(-1)[0]], [trials.at(-1)[1]], { size: 9 });
  }
}
