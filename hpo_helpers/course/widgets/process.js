// Gaussian processes in one dimension, and the rules that choose the next trial with them.
// R&W is Rasmussen & Williams (2006), Gaussian Processes for Machine Learning.
import { clamp, erfcx, Phi, phi, SQRT_TAU } from "./numbers.js";

// ---------------------------------------------------------------- matrices, as arrays of rows

/** Lower triangular L with L L' = K, or null if there is none. */
function cholesky(K) {
  const L = K.map((row) => row.slice());
  for (let i = 0; i < K.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = L[i][j];
      for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
      if (i === j && !(sum > 0)) return null;
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
    L[i].fill(0, i + 1);
  }
  return L;
}
/** L^-1 b. */
function forward(L, b) {
  const v = [];
  for (let i = 0; i < b.length; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= L[i][k] * v[k];
    v.push(sum / L[i][i]);
  }
  return v;
}
/** L'^-1 b. */
function backward(L, b) {
  const v = b.slice();
  for (let i = b.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < b.length; k++) v[i] -= L[k][i] * v[k];
    v[i] /= L[i][i];
  }
  return v;
}
const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);

// ---------------------------------------------------------------- Gaussian processes in one dimension

/** From r² to the correlation and to -2 times its derivative in r² (R&W Eq. 4.9 and 4.17). */
const KERNELS = {
  squared_exponential: (r2) => [Math.exp(-0.5 * r2), Math.exp(-0.5 * r2)],
  matern52: (r2) => {
    const root = Math.sqrt(5 * r2), once = (1 + root) * Math.exp(-root);
    return [once + (5 / 3) * r2 * Math.exp(-root), (5 / 3) * once];
  },
};

/** A Gaussian process conditioned on observations; the mean is known, `signal` and `noise` are standard deviations. */
export class Process {
  constructor(x, y, { kernel = "matern52", length = 1, signal = 1, noise = 0, mean = 0 } = {}) {
    Object.assign(this, { x, n: x.length, kernel: KERNELS[kernel], length, signal, noise, mean });
    for (let power = -10; power < -3 && !this.L; power++) {  // the least jitter with which it succeeds
      this.L = cholesky(x.map((a, i) => x.map((b, j) =>
        this.covariance(a, b) + (i === j) * (10 ** power * signal ** 2 + noise ** 2))));
    }
    this.r = y.map((v) => v - mean);
    this.alpha = backward(this.L, forward(this.L, this.r));  // R&W Algorithm 2.1, line 3
  }
  covariance(a, b) { return this.signal ** 2 * this.kernel(((a - b) / this.length) ** 2)[0]; }

  /** Mean and standard deviation of the function at places (R&W Eq. 2.25, 2.26). */
  predict(places) {
    const mean = [], std = [];
    for (const place of places) {
      const cross = this.x.map((a) => this.covariance(place, a)), v = forward(this.L, cross);
      mean.push(this.mean + dot(cross, this.alpha));
      std.push(Math.sqrt(Math.max(0, this.signal ** 2 - dot(v, v))));
    }
    return { mean, std };
  }

  /** Functions at places, one for each array of as many standard normal numbers. */
  sample(places, draws) {
    const { mean } = this.predict(places);
    const V = places.map((place) => forward(this.L, this.x.map((a) => this.covariance(place, a))));
    const root = cholesky(places.map((a, i) => places.map((b, j) =>
      this.covariance(a, b) - dot(V[i], V[j]) + (i === j) * 1e-7 * this.signal ** 2)));
    return draws.map((z) => mean.map((m, i) => m + dot(root[i].slice(0, i + 1), z)));
  }

  /** Log marginal likelihood (R&W Eq. 2.30). */
  get evidence() {
    const logs = this.L.reduce((sum, row, i) => sum + Math.log(row[i]), 0);
    return -0.5 * dot(this.r, this.alpha) - logs - this.n * Math.log(SQRT_TAU);
  }

  /** Its gradient in the logarithms of length, signal and noise (R&W Eq. 5.9). */
  get slopes() {
    const { x, n, alpha, signal, noise } = this;
    const inverse = x.map((_, i) => backward(this.L, forward(this.L, x.map((_, j) => +(i === j)))));
    let length = 0, own = 0;
    for (let i = 0; i < n; i++) {
      own += alpha[i] ** 2 - inverse[i][i];
      for (let j = 0; j < n; j++) {
        const r2 = ((x[i] - x[j]) / this.length) ** 2;
        length += 0.5 * (alpha[i] * alpha[j] - inverse[i][j]) * signal ** 2 * this.kernel(r2)[1] * r2;
      }
    }
    return { length, signal: dot(this.r, alpha) - n - noise ** 2 * own, noise: noise ** 2 * own };
  }
}

// ---------------------------------------------------------------- climbing

/**
 * Yield points that lie higher and higher, from one to a peak within bounds (BFGS; Nocedal & Wright 2006,
 * Algorithm 6.1). `look` gives the value at a point and its gradient.
 */
export function* climb(point, look, low, high) {
  const unit = () => point.map((_, i) => point.map((_, j) => +(i === j)));
  let [value, slope] = look(point), H = unit();
  for (let round = 0; round < 200; round++) {
    const free = slope.map((g, i) => !((point[i] <= low[i] && g < 0) || (point[i] >= high[i] && g > 0)));
    let way = H.map((row, i) => (free[i] ? dot(row, slope.map((g, j) => (free[j] ? g : 0))) : 0));
    if (Math.max(...slope.map((g, i) => (free[i] ? Math.abs(g) : 0))) < 1e-4) return;
    const longest = Math.max(...way.map(Math.abs));
    if (longest > 0.3) way = way.map((v) => (0.3 * v) / longest);
    let next, there;
    for (let share = 1; share > 1e-6; share /= 2) {
      next = point.map((v, i) => clamp(v + share * way[i], low[i], high[i]));
      there = look(next);
      if (there[0] > value) break;
    }
    if (!(there[0] > value)) {
      if (H.every((row, i) => row.every((v, j) => v === +(i === j)))) return;
      H = unit();
      continue;
    }
    const s = next.map((v, i) => v - point[i]), y = slope.map((g, i) => g - there[1][i]), sy = dot(s, y);
    if (sy > 1e-12) {
      const Hy = H.map((row) => dot(row, y)), scale = (1 + dot(y, Hy) / sy) / sy;
      H = H.map((row, i) => row.map((v, j) => v + scale * s[i] * s[j] - (Hy[i] * s[j] + s[i] * Hy[j]) / sy));
    } else H = unit();
    [point, value, slope] = [next, ...there];
    yield point;
  }
}

// ---------------------------------------------------------------- which trial is next; losses are minimized

/** Logarithm of h(z) = phi(z) + z Phi(z), without cancellation (Ament et al. 2023, section 4.1). */
function logH(z) {
  if (z > -1) return Math.log(phi(z) + z * Phi(z));
  const u = 1 / (z * z);
  const series = Math.log(u) + Math.log1p(u * (-3 + u * (15 - u * 105)));
  return -0.5 * z * z - Math.log(SQRT_TAU) +
    (z < -200 ? series : Math.log1p(Math.sqrt(Math.PI / 2) * z * erfcx(-z / Math.SQRT2)));
}

export function expectedImprovement(mean, std, best, margin = 0) {
  const gain = best - margin - mean;
  return std > 0 ? Math.max(0, gain, gain * Phi(gain / std) + std * phi(gain / std)) : Math.max(0, gain);
}
export function logExpectedImprovement(mean, std, best, margin = 0) {
  const gain = best - margin - mean;
  return std > 0 ? Math.log(std) + logH(gain / std) : Math.log(Math.max(0, gain));
}
export function probabilityOfImprovement(mean, std, best, margin = 0) {
  const gain = best - margin - mean;
  return std > 0 ? Phi(gain / std) : +(gain > 0);
}
export const lowerConfidenceBound = (mean, std, nStd = 1.96) => mean - nStd * std;
/** The article's rule: the same bound, clipped at the best loss. */
export const confidenceImprovement = (mean, std, best, nStd = 1.96) =>
  Math.max(0, best - lowerConfidenceBound(mean, std, nStd));
