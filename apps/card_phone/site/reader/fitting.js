/* A straight line through the votes of the detector's cells. */

import { NumberLine } from "./geometry.js";
import { mean, median } from "./maths.js";

/** Pulls slopes towards level, in squared pixels: the square of the detector's stride. */
const RIDGE = 64;

/**
 * Cells that take themselves for part of a number: N of each.
 * @typedef {object} Votes
 * @property {number[]} x - nearest point of the centre line, in frame pixels
 * @property {number[]} y
 * @property {number[]} weight - detector probability
 * @property {number[]} height - digit height in frame pixels
 * @property {number[]} cosine - direction of reading
 * @property {number[]} sine
 */

/** @param {Votes} votes @param {number[]} indexes @returns {Votes} */
export function subset(votes, indexes) {
  return Object.fromEntries(Object.entries(votes).map(([name, values]) => [name, indexes.map((i) => values[i])]));
}

/**
 * Mean direction of reading, and the direction down the page.
 *
 * @param {Votes} votes
 * @returns {[[number, number], [number, number]]} two unit vectors
 */
export function turnOf({ weight, cosine, sine }) {
  let x = 0, y = 0;
  for (let i = 0; i < weight.length; i++) {
    x += cosine[i] * weight[i];
    y += sine[i] * weight[i];
  }
  const length = Math.max(Math.hypot(x, y), 1e-6);
  return [[x / length, y / length], [-y / length, x / length]];
}

/**
 * By weighted ridge regression of position and log height, fitted again without outliers.
 *
 * @param {Votes} votes - at least one
 * @returns {NumberLine}
 */
export function fit(votes) {
  const [right, down] = turnOf(votes);
  const u = votes.x.map((x, i) => x * right[0] + votes.y[i] * right[1]);
  const v = votes.x.map((x, i) => x * down[0] + votes.y[i] * down[1]);
  const logs = votes.height.map(Math.log), reach = 0.5 * median(votes.height);
  let keep = u.map((_, i) => i), middle, level, size;
  for (let round = 0; round < 2; round++) {
    [middle, level, size] = regression(u, [v, logs], votes.weight, keep);
    const near = u.flatMap((_, i) => (Math.abs(v[i] - level[0] - level[1] * (u[i] - middle)) <= reach ? [i] : []));
    keep = near.length >= 2 ? near : keep;
  }
  const ends = keep.map((i) => u[i]);
  const points = [Math.min(...ends), Math.max(...ends)].map((end) => {
    const across = level[0] + level[1] * (end - middle), height = Math.exp(size[0] + size[1] * (end - middle));
    return { at: [end * right[0] + across * down[0], end * right[1] + across * down[1]], height };
  });
  return new NumberLine(points[0].at, points[1].at, points[0].height, points[1].height, mean(votes.weight));
}

/** The weighted middle of u, and for each target its value there and its slope. */
function regression(u, targets, weight, keep) {
  let total = 0, moment = 0;
  for (const i of keep) {
    total += weight[i];
    moment += weight[i] * u[i];
  }
  const middle = moment / total;
  let first = 0, second = RIDGE;
  for (const i of keep) {
    first += weight[i] * (u[i] - middle);
    second += weight[i] * (u[i] - middle) ** 2;
  }
  const zeroth = total + 1e-6, determinant = zeroth * second - first * first;
  const solved = targets.map((target) => {
    let a = 0, b = 0;
    for (const i of keep) {
      a += weight[i] * target[i];
      b += weight[i] * target[i] * (u[i] - middle);
    }
    return [(a * second - b * first) / determinant, (b * zeroth - a * first) / determinant];
  });
  return [middle, ...solved];
}
