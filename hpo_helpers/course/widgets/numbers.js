// The numbers of the widgets, after `hpo_helpers.models`, against which a test holds them.

export const SQRT_TAU = Math.sqrt(2 * Math.PI);

export const range = (n, low, high) => Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
export const argmax = (values) => values.reduce((best, v, i) => (v > values[best] ? i : best), 0);
export const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
export const interpolate = (values, t) => {  // at t in [0, 1] along evenly spaced values
  const place = t * (values.length - 1), i = Math.min(Math.floor(place), values.length - 2);
  return values[i] + (place - i) * (values[i + 1] - values[i]);
};

// ---------------------------------------------------------------- chance

/** Random numbers in [0, 1) from a seed: a Weyl sequence whose members are scrambled. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** n standard normal numbers (Box & Muller 1958). */
export const normals = (n, uniform) =>
  Array.from({ length: n }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));

// ---------------------------------------------------------------- the normal distribution

/** exp(x²) erfc(x) for x >= 0: by a series of positive terms, or far out by a continued fraction. */
export function erfcx(x) {
  if (x < 3) {
    let term = x, sum = x;
    for (let n = 1; term > 1e-18 * sum; n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return Math.exp(x * x) - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction;
  return 1 / (Math.sqrt(Math.PI) * fraction);
}
export const phi = (z) => Math.exp(-0.5 * z * z) / SQRT_TAU;
const tail = (z) => 0.5 * erfcx(z / Math.SQRT2) * Math.exp(-0.5 * z * z);
/** Distribution function of the standard normal. */
export const Phi = (z) => (z > 0 ? 1 - tail(z) : tail(-z));
/** Its inverse, by halving. */
export function quantile(p) {
  let low = -10, high = 10;
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (Phi(middle) < p) low = middle; else high = middle;
  }
  return (low + high) / 2;
}
