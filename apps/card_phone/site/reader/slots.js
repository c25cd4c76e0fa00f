/* Which of the digits seen on a line stand where cards print digits, and which were seen in the art between them: the
 * best alignment of the places of a printed form and the digits (Needleman and Wunsch 1970). */

import { PRINTED } from "./groups.js";
import { median, sum } from "./maths.js";

/** From digit to digit in a group, and from group to group, in units of the line's median step; and what a step costs
 * that is as long as it may be. */
const WITHIN = { low: 0.7, high: 1.3, uneven: 0.5 };
export const BETWEEN = { low: 1.2, high: 2.4, uneven: 0 };

/** What a place without a digit costs, and, times its confidence, a digit left out between places and beyond them. */
const MISSING = 1, STRAY = 0.7, BEYOND_ENDS = 0.4;

/** A digit that was not seen is looked for within so many steps of its place. */
export const NEAR = 0.3;

/** Share of the places at which digits must have been seen. */
const LEAST_SEEN = 0.8;

/**
 * Places of a number in printed form.
 * @typedef {object} Slots
 * @property {number[]} groups - how many digits stand in each group
 * @property {Array<?number>} seen - which of the digits stands at each place, from left to right; null: none was seen
 * @property {number[]} middles - of the places, in band columns
 * @property {number} step - from digit to digit within a group, in band columns
 */

/**
 * The printed form that explains the digits best that were seen on one line.
 *
 * @param {number[]} middles - band columns, ascending
 * @param {number[]} confidences - 0 to 1
 * @returns {?Slots} null where no form explains enough of them
 */
export function slots(middles, confidences) {
  if (middles.length < LEAST_SEEN * Math.min(...Object.keys(PRINTED))) return null;
  const step = median(middles.slice(1).map((middle, i) => middle - middles[i]));
  const at = middles.map((middle) => middle / step);
  let best = { score: -Infinity };
  for (const groups of Object.values(PRINTED).flat()) {
    const aligned = { ...align(groups, at, confidences), groups };
    if (aligned.score > best.score) best = aligned;
  }
  const { groups, seen } = best;
  if (!seen || seen.filter((digit) => digit !== null).length < LEAST_SEEN * seen.length) return null;
  return { groups, seen, middles: places(seen, starts(groups), middles, step), step };
}

/** Indexes of the places that begin a group. @param {number[]} groups @returns {Set<number>} */
function starts(groups) {
  let end = 0;
  return new Set([0, ...groups.map((count) => (end += count))]);
}

/**
 * The score of the best alignment of a form with digits, and the digit at every place.
 *
 * @param {number[]} groups
 * @param {number[]} at - where the digits are, in steps
 * @param {number[]} sure - their confidences
 */
function align(groups, at, sure) {
  let passed = 0;
  const before = sure.map((share) => (passed += share) - share), begins = starts(groups), total = sum(groups);
  const scores = [], came = [];
  for (let place = 0; place < total; place++) {
    const near = begins.has(place) ? BETWEEN : WITHIN, far = begins.has(place - 1) && place > 1 ? BETWEEN : near;
    scores.push([]);
    came.push([]);
    for (let to = 0; to < at.length; to++) {
      let best = -Infinity, way = null;
      const offer = (score, from) => {
        if (score > best) [best, way] = [score, from];
      };
      for (let from = 0; place > 0 && from < to; from++) {
        const between = STRAY * (before[to] - before[from] - sure[from]);
        offer(scores[place - 1][from] - cost(at[to] - at[from], near) - between, { place: place - 1, digit: from });
      }
      for (let from = 0; place > 1 && from < to; from++) {
        const between = STRAY * (before[to] - before[from] - sure[from]);
        const score = scores[place - 2][from] - cost(at[to] - at[from] - 1, far) - between - MISSING;
        offer(score, { place: place - 2, digit: from });
      }
      if (place < 2) offer(-BEYOND_ENDS * before[to] - MISSING * place, null);
      scores[place].push(best + sure[to]);
      came[place].push(way);
    }
  }
  let score = -Infinity, last = null;
  for (const place of [total - 1, total - 2]) {
    for (let digit = 0; digit < at.length; digit++) {
      const after = BEYOND_ENDS * (passed - before[digit] - sure[digit]);
      const whole = scores[place][digit] - after - MISSING * (total - 1 - place);
      if (whole > score) [score, last] = [whole, { place, digit }];
    }
  }
  return { score, seen: last && traced(came, last) };
}

/** What a step costs, infinitely much out of reach. */
function cost(step, { low, high, uneven }) {
  return step < low || step > high ? Infinity : uneven * ((step - 1) / (high - 1)) ** 2;
}

/** The digit at every place, from the last back along the way it was reached. */
function traced(came, last) {
  const seen = came.map(() => null);
  for (let at = last; at; at = came[at.place][at.digit]) seen[at.place] = at.digit;
  return seen;
}

/** Where every place is: at its digit, or one step from a neighbour in its group. */
function places(seen, begins, middles, step) {
  return seen.map((digit, place) => {
    if (digit !== null) return middles[digit];
    return begins.has(place) ? middles[seen[place + 1]] - step : middles[seen[place - 1]] + step;
  });
}
