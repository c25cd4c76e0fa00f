/* One way of reading a picture's lines, what came of it, and how attempts compare. */

import { luhnValid } from "./decide.js";
import { plausible } from "./groups.js";
import { compared, sum } from "./maths.js";

/** A number this probable from the picture alone, that fails the checksum, is taken for what is printed there. */
const SURE = 0.4;

/** What a number that fails the checksum weighs against one that passes and is as probable from the picture alone. */
const FAILING = 0.05;

/** Lines with fewer digits than this are no number that another look at them would settle. */
export const FEWEST = 12;

/**
 * Lines, and what was read on them.
 * @typedef {object} Attempt
 * @property {import("./geometry.js").NumberLine[]} lines - in reading order
 * @property {?import("./pixels.js").Grey} band - what they were straightened into
 * @property {object[]} digits - all that were found, as a reading holds them
 * @property {number[]} groups - how many stand in each printed group
 * @property {number} alone - the confidence without the checksum
 * @property {number} confidence - with it
 * @property {boolean} certain - whether that reaches its threshold
 * @property {import("./decide.js").Reason} reason
 */

/** What comes of a picture without lines. @type {Attempt} */
export const NOTHING = {
  lines: [], band: null, digits: [], groups: [], alone: 0, confidence: 0, certain: false, reason: "no_card",
};

/**
 * Whether there is nothing to gain from another look: it passed, or fails and is surely so printed.
 *
 * @param {Attempt} attempt
 * @returns {boolean}
 */
export const settled = ({ reason, certain, alone }) =>
  reason === "ok" || (reason === "checksum" && certain && alone >= SURE);

/** All digits of an attempt. @param {Attempt} attempt @returns {string} */
export const numberOf = ({ digits }) => digits.map((digit) => digit.value).join("");

/** Whether the number is grouped as cards print it and passes the checksum. */
const passes = (attempt) => plausible(attempt.groups) && luhnValid(numberOf(attempt));

/** Orders attempts: accepted, grouped as cards print it, settled, passing the checksum, about as long as a number, sure
 * of itself. */
const rank = (attempt) => [
  attempt.reason === "ok", plausible(attempt.groups), settled(attempt), passes(attempt),
  attempt.digits.length >= FEWEST, attempt.alone,
];

/** Orders attempts at the same lines: few cards fail the checksum. */
const weight = (attempt) => [
  attempt.reason === "ok", plausible(attempt.groups), attempt.alone * (passes(attempt) ? 1 : FAILING),
];

/** The better of two attempts at a picture. @type {(one: Attempt, other: Attempt) => Attempt} */
export const better = (one, other) => (compared(rank(other), rank(one)) > 0 ? other : one);

/**
 * The best of several attempts at the same lines, as sure as the others let it be: where another read another number
 * that passes the checksum too, only one can be right, and the best one's confidence is its share of both.
 *
 * @param {Attempt[]} attempts - at least one
 * @param {number} numberThreshold - least confidence of a number that is accepted
 * @returns {Attempt}
 */
export function likeliest(attempts, numberThreshold) {
  const best = attempts.reduce((one, other) => (compared(weight(other), weight(one)) > 0 ? other : one));
  const rivals = new Map();
  for (const attempt of attempts) {
    const number = numberOf(attempt);
    if (passes(attempt) && number !== numberOf(best)) {
      rivals.set(number, Math.max(rivals.get(number) ?? 0, attempt.alone));
    }
  }
  const confidence = (best.confidence * best.alone) / Math.max(best.alone + sum([...rivals.values()]), 1e-12);
  if (!rivals.size || confidence >= numberThreshold) return best;
  return { ...best, confidence, certain: false, reason: best.reason === "ok" ? "uncertain_digit" : best.reason };
}
