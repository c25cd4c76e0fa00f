/* Which lines may make up the number. The order of the digit groups comes from here, by geometry alone: four groups in
 * the wrong order would still pass the checksum, so no later check could catch them. */

import { deviation, mean } from "./maths.js";

/** How many guesses are read at most; each costs one run of the recogniser. */
const MOST_GUESSES = 4;

/** @typedef {import("./geometry.js").NumberLine} NumberLine */

/**
 * Single long lines and stacks of short ones, the most likely first.
 *
 * @param {NumberLine[]} lines - the most visible first
 * @returns {NumberLine[][]} each in reading order
 */
export function guesses(lines) {
  const long = lines.filter((line) => line.length > 7 * line.height);
  const short = lines.filter((line) => !long.includes(line) && line.length > 1.2 * line.height);
  const stacked = stacks(short), singles = long.map((line) => [line]);
  // an upright block outweighs long lines only where it has all four of its rows
  const block = stacked[0]?.length === 4;
  const ranked = block ? [...stacked.filter((stack) => stack.length === 4), ...singles] : [...singles, ...stacked];
  const rest = short.filter((line) => !stacked.some((stack) => stack.includes(line))).map((line) => [line]);
  return [...ranked, ...rest].slice(0, MOST_GUESSES);
}

/** Columns of two to four short lines below each other, alike in height, direction and left end. */
function stacks(short) {
  let left = [...short];
  const found = [];
  while (left.length) {
    const [seed] = left;
    const column = left.filter((line) => line === seed || below(seed, line));
    left = left.filter((line) => !column.includes(line));
    const angle = (seed.angle * Math.PI) / 180, down = [-Math.sin(angle), Math.cos(angle)];
    const depth = (line) => (line.left[0] + line.right[0]) * down[0] + (line.left[1] + line.right[1]) * down[1];
    column.sort((one, other) => depth(one) - depth(other));
    if (column.length > 4) {
      const fours = column.slice(3).map((_, i) => column.slice(i, i + 4));
      found.push(...fours.sort((one, other) => unevenness(one, down) - unevenness(other, down)));
    } else if (column.length > 1) {
      found.push(column);
    }
  }
  return found.sort((one, other) => other.length - one.length);
}

function below(seed, line) {
  const angle = (seed.angle * Math.PI) / 180, alike = line.height / seed.height;
  const along = (line.left[0] - seed.left[0]) * Math.cos(angle) + (line.left[1] - seed.left[1]) * Math.sin(angle);
  const turn = line.angle - seed.angle + 180, turned = turn - 360 * Math.floor(turn / 360) - 180;
  return alike > 0.67 && alike < 1.5 && Math.abs(along) < 1.5 * seed.height && Math.abs(turned) < 15;
}

/** How unevenly rows are spaced and how unlike their heights and lengths are; 0 is a perfect block. */
function unevenness(stack, down) {
  const at = stack.map(({ left }) => left[0] * down[0] + left[1] * down[1]);
  const heights = stack.map((line) => line.height), lengths = stack.map((line) => line.length);
  const steps = at.slice(1).map((place, i) => place - at[i]);
  return deviation(steps) / mean(heights) + deviation(heights) / mean(heights) + deviation(lengths) / mean(lengths);
}
