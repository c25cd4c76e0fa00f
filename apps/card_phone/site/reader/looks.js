/* Other ways to look at lines that gave no number or a doubtful one; and whether numbers go on further. */

import { END_MARGIN } from "./band.js";
import { VALID_LENGTHS } from "./decide.js";
import { clamp } from "./maths.js";

/** A closer look shows this much more than the line's extent, in a window of this aspect. */
const CLOSE_ROOM = 1.3, CLOSE_ASPECT = 0.75;

/** How many digit heights beyond either end of a line are searched for digits that were cut off. */
const BEYOND = 2;

/** How lines are moved that were read in doubt: factor on the digit height, digit heights down, and turned. */
const NUDGES = [
  [0.85, 0, 0.08], [1.3, -0.1, 0], [0.85, 0.1, 0], [1.15, 0, 0.08], [0.75, 0, -0.08], [1, 0, -0.08], [1, 0.1, 0],
];

/** @typedef {import("./geometry.js").NumberLine} NumberLine */
/** @typedef {import("./recognise.js").ReadDigit} ReadDigit */

/**
 * Longer, if a single line seems cut short; and upside down.
 *
 * @param {NumberLine[]} lines - as they were read
 * @param {number} digits - how many were read
 * @returns {NumberLine[][]}
 */
export function secondLooks(lines, digits) {
  const upsideDown = lines.toReversed().map((line) => line.reversed);
  if (lines.length !== 1 || digits < 8 || digits >= Math.max(...VALID_LENGTHS)) return [upsideDown];
  const digit = (1.3 * lines[0].height) / lines[0].length;
  const stretched = [[digit, digit], [0, 0.5], [0.5, 0]].map((ends) => [lines[0].extended(...ends)]);
  return [...stretched, upsideDown];
}

/**
 * The same lines moved a little in several ways: print over art is read differently from each.
 *
 * @param {NumberLine[]} lines
 * @returns {NumberLine[][]}
 */
export const nudged = (lines) => NUDGES.map((nudge) => lines.map((line) => line.nudged(...nudge)));

/**
 * A line with `BEYOND` more at either end.
 *
 * @param {NumberLine} line
 * @returns {{whole: NumberLine, share: number}} the longer line, and which share of its band either end is
 */
export function longer(line) {
  const more = (BEYOND * line.height) / line.length, whole = line.extended(more, more);
  return { whole, share: (BEYOND * line.height) / (whole.length + 2 * END_MARGIN * line.height) };
}

/**
 * Whether a longer look at a line shows a digit before the first or after the last of those that were read.
 *
 * @param {ReadDigit[]} read - what was read on the line, at least one
 * @param {ReadDigit[]} seen - what was seen on a longer piece of it
 * @param {number} shift - band columns between a place in `read` and the same place in `seen`
 * @param {{digit_height: number, beyond_threshold: number}} settings - digits below the threshold do not count
 * @returns {boolean}
 */
export function goesOn(read, seen, shift, { digit_height: digitHeight, beyond_threshold: sure }) {
  const place = ({ left, right }) => (left + right) / 2;
  const apart = 0.4 * digitHeight; // neighbours stand at least this far from each other
  const first = place(read[0]) + shift - apart, last = place(read.at(-1)) + shift + apart;
  return seen.some((digit) => digit.confidence >= sure && !(first < place(digit) && place(digit) < last));
}

/**
 * A window at least half the picture's size around lines that were small or not read.
 *
 * @param {{width: number, height: number}} picture
 * @param {NumberLine[]} lines
 * @returns {?{left: number, top: number, width: number, height: number}} whole pixels; null where it would show little
 *   less than the picture
 */
export function closeWindow({ width, height }, lines) {
  if (!lines.length) return null;
  const extent = [0, 1].map((axis) => {
    const at = lines.flatMap((line) => [line.left[axis], line.right[axis]]);
    return { low: Math.min(...at), high: Math.max(...at) };
  });
  const widest = Math.max(...extent.map(({ low, high }) => high - low));
  const reach = Math.max(widest * CLOSE_ROOM, Math.max(width, height) / 2);
  const size = [Math.trunc(Math.min(reach, width)), Math.trunc(Math.min(reach * CLOSE_ASPECT, height))];
  if (size[0] > 0.8 * width) return null;
  const [left, top] = extent.map(({ low, high }, axis) =>
    Math.trunc(clamp((low + high) / 2 - size[axis] / 2, 0, [width, height][axis] - size[axis])),
  );
  return { left, top, width: size[0], height: size[1] };
}
