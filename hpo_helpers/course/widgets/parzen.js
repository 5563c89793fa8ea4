// Densities from samples between 0 and 1, and the two of tree-structured Parzen estimators.
import { clamp, Phi, phi, quantile } from "./numbers.js";

/** How wide bumps are by the gaps to their neighbors, of which 0.5 is one: as wide as the larger gap. */
export function widthsOfGaps(samples) {
  const n = samples.length;
  if (n < 2) return samples.map(() => 0.5);
  const order = samples.map((_, i) => i).sort((a, b) => samples[a] - samples[b]);
  const place = samples.filter((x) => x < 0.5).length, row = order.map((i) => samples[i]);
  row.splice(place, 0, 0.5);
  const gaps = [0, ...row.slice(1).map((x, k) => x - row[k]), 0], widths = [];
  order.forEach((i, k) => {
    const at = k < place ? k : k + 1;
    widths[i] = clamp(Math.max(gaps[at], gaps[at + 1]), 1 / Math.min(100, n + 2), 1);
  });
  return widths;
}

/** A mixture of normal bumps cut off at 0 and 1, the last of which is the prior's. */
export class Parzen {
  /** All bumps have the `width`; where it is null, that of the gaps. */
  constructor(samples, width = null, weights = samples.map(() => 1), priorWeight = 1) {
    const total = weights.reduce((sum, w) => sum + w, priorWeight);
    this.centers = [...samples, 0.5];
    this.weights = [...weights, priorWeight].map((w) => w / total);
    this.widths = [...(width === null ? widthsOfGaps(samples) : samples.map(() => width)), 1];
    this.inside = this.centers.map((c, i) => Phi((1 - c) / this.widths[i]) - Phi(-c / this.widths[i]));
  }
  bump(i, x) {
    return (this.weights[i] * phi((x - this.centers[i]) / this.widths[i])) / (this.widths[i] * this.inside[i]);
  }
  density(x) { return this.centers.reduce((sum, _, i) => sum + this.bump(i, x), 0); }
  draw(uniform) {
    let left = uniform(), i = 0;
    while (i < this.weights.length - 1 && left >= this.weights[i]) left -= this.weights[i++];
    const c = this.centers[i], w = this.widths[i];
    return clamp(c + w * quantile(Phi(-c / w) + uniform() * this.inside[i]), 0, 1);
  }
}

/**
 * Which of some losses are good, and the densities of the good and of the bad, by the rules of
 * `hpo_helpers.TPESampler`: a better good trial weighs more, and both priors have the same share.
 */
export function groups(x, losses, gamma, width = null) {
  const order = losses.map((_, i) => i).sort((a, b) => losses[a] - losses[b] || a - b);
  const n = Math.ceil(gamma * losses.length), good = order.slice(0, n), bad = order.slice(n).sort((a, b) => a - b);
  const ranked = good.map((_, k) => Math.log((n + 1) / (k + 1))), total = ranked.reduce((sum, w) => sum + w, 0);
  const l = new Parzen(good.map((i) => x[i]), width, ranked.map((w) => (w * n) / total));
  const g = new Parzen(bad.map((i) => x[i]), width, bad.map(() => 1), Math.max(bad.length, 1) / n);
  return { good, bad, l, g };
}
