/* Which digits may be seen. What is covered is painted over with one flat colour, never blurred: blurring keeps enough
 * to recover digits. */

import { maskNumber } from "../reader/decide.js";

const VISIBLE = 4;

/** @typedef {import("../reader/read.js").Reading} Reading */

/**
 * Position of the first digit that may be shown: all after a reveal, before it the last four of an accepted number.
 *
 * @param {Reading} reading
 * @param {boolean} revealed
 * @returns {number} the number of digits where none may be shown
 */
export function firstOpen({ digits, decision }, revealed) {
  if (revealed) return 0;
  return Math.max(digits.length - (decision === "accepted" ? VISIBLE : 0), 0);
}

/** The number as it may be shown, in groups of four. @param {Reading} reading @param {boolean} revealed */
export function shownNumber(reading, revealed) {
  const digits = reading.digits.map((digit) => digit.value).join("");
  return maskNumber(digits, digits.length - firstOpen(reading, revealed));
}
