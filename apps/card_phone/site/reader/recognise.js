/* Which digits stand in a band, where, and how sure: the recogniser's answer decoded. */

import { probability } from "./ctc.js";
import { clamp, sum } from "./maths.js";

/** Class of the steps that show no digit, and how many classes there are with it. */
const BLANK = 10;

export const CLASSES = BLANK + 1;

/** Band columns per output step. */
export const STEP = 2;

/** Digits closer than this many band columns, centre to centre, cannot both be there. */
const SAME_PLACE = 5.5;

/**
 * @typedef {object} ReadDigit
 * @property {number} value - 0 to 9
 * @property {number} confidence - calibrated probability, 0 to 1
 * @property {number[]} probabilities - of each of the ten digits
 * @property {number} left - its left end in band columns
 * @property {number} right
 */

/**
 * Best-path decoding (Graves 2006, section 3.2): a run of equal steps that are not blank is one digit. Of two digits in
 * the same place the less certain one is dropped.
 *
 * @param {Float64Array} logs - S x 11 log probabilities
 * @param {Float32Array} extents - S x 2
 * @returns {ReadDigit[]} from left to right
 */
export function bestPath(logs, extents) {
  const steps = logs.length / CLASSES;
  const best = Array.from({ length: steps }, (_, step) => highest(logs, step * CLASSES, CLASSES) - step * CLASSES);
  const found = [];
  for (let start = 0, end; start < steps; start = end) {
    for (end = start + 1; end < steps && best[end] === best[start]; ) end += 1;
    if (best[start] !== BLANK) found.push(digitAt(logs, extents, surest(logs, start, end)));
  }
  return apart(found);
}

/**
 * The digit that is likeliest within `reach` band columns of `middle`, however unlikely one is there at all.
 *
 * @param {Float64Array} logs - S x 11 log probabilities
 * @param {Float32Array} extents - S x 2
 * @param {number} middle
 * @param {number} reach
 * @returns {ReadDigit}
 */
export function digitNear(logs, extents, middle, reach) {
  const step = (column) => clamp(Math.trunc(column / STEP), 0, logs.length / CLASSES - 1);
  return digitAt(logs, extents, surest(logs, step(middle - reach), step(middle + reach) + 1));
}

/**
 * The probability of exactly these digits given the band from the first to the last of them; what lies beyond is art.
 *
 * @param {Float64Array} logs - S x 11 log probabilities
 * @param {ReadDigit[]} digits - from left to right
 * @returns {number} 0 where there is no digit
 */
export function numberProbability(logs, digits) {
  if (!digits.length) return 0;
  const first = Math.max(Math.trunc((digits[0].left - SAME_PLACE) / STEP), 0);
  const last = Math.min(Math.trunc((digits.at(-1).right + SAME_PLACE) / STEP) + 1, logs.length / CLASSES);
  return probability(logs, CLASSES, first, last, digits.map((digit) => digit.value));
}

/** @param {Float32Array} logits - S x 11 @param {number} temperature @returns {Float64Array} S x 11 log probabilities */
export function logProbabilities(logits, temperature) {
  const logs = new Float64Array(logits.length);
  for (let at = 0; at < logs.length; at += CLASSES) {
    const top = logits[highest(logits, at, CLASSES)] / temperature;
    let total = 0;
    for (let k = at; k < at + CLASSES; k++) {
      logs[k] = logits[k] / temperature - top;
      total += Math.exp(logs[k]);
    }
    const rest = Math.log(total);
    for (let k = at; k < at + CLASSES; k++) logs[k] -= rest;
  }
  return logs;
}

/** Index, from `at` on, of the highest of `count` values; of equal ones, the first. */
function highest(values, at, count) {
  let best = at;
  for (let k = at + 1; k < at + count; k++) if (values[k] > values[best]) best = k;
  return best;
}

/** Of some steps, the one whose likeliest digit is likeliest. */
function surest(logs, start, end) {
  const of = (step) => logs[highest(logs, step * CLASSES, BLANK)];
  let peak = start;
  for (let step = start; step < end; step++) if (of(step) > of(peak)) peak = step;
  return peak;
}

/** The likeliest digit at a step. */
function digitAt(logs, extents, step) {
  const ten = Array.from(logs.subarray(step * CLASSES, step * CLASSES + BLANK), Math.exp), total = sum(ten);
  const centre = (step + 0.5) * STEP, value = highest(ten, 0, BLANK);
  return {
    value,
    confidence: ten[value],
    probabilities: ten.map((share) => share / total),
    left: centre - extents[2 * step],
    right: centre + extents[2 * step + 1],
  };
}

/** Drops digits that stand in the place of a more certain one. */
function apart(digits) {
  const middle = (digit) => (digit.left + digit.right) / 2;
  const kept = [];
  for (const digit of [...digits].sort((one, other) => other.confidence - one.confidence)) {
    if (kept.every((other) => Math.abs(middle(digit) - middle(other)) >= SAME_PLACE)) kept.push(digit);
  }
  return kept.sort((one, other) => middle(one) - middle(other));
}
