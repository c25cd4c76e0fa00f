/* How the digits of a number are grouped in print, and whether cards print them so. */

import { compared, median } from "./maths.js";

/** How cards group numbers of each length on one line. */
export const PRINTED = { 15: [[4, 6, 5]], 16: [[4, 4, 4, 4]], 19: [[4, 4, 4, 4, 3], [6, 13]] };

/** Share of a digit's height by which gaps between groups stand out at least. */
const LEAST_EXCESS = 0.15;

const same = (one, other) => compared(one, other) === 0;

/** Groupings of `count` digits that come of a printed one by losing a digit or reading one too many. */
function slips(count) {
  const found = [];
  for (const step of [1, -1]) {
    for (const template of PRINTED[count + step] ?? []) {
      found.push(...template.map((group, i) => template.with(i, group - step)));
    }
  }
  return found.filter((groups) => !plausible(groups));
}

/**
 * Digits per printed group, from the gaps between neighbours: of the groupings cards print, and those that one digit
 * too few or too many makes of them, the one whose gaps stand out most; a single group where none does.
 *
 * @param {Array<[number, number]>} spans - left and right end of every digit in band columns, in reading order
 * @param {number[]} lines - index of the line each digit stands on
 * @param {number} digitHeight - in band rows
 * @returns {number[]}
 */
export function groupSizes(spans, lines, digitHeight) {
  const rows = [...new Set(lines)].sort((a, b) => a - b);
  if (rows.length > 1) return rows.map((row) => lines.filter((line) => line === row).length);
  const gaps = spans.slice(1).map(([left], i) => left - spans[i][1]);
  let best = [LEAST_EXCESS * digitHeight, [spans.length]];
  for (const template of [...(PRINTED[spans.length] ?? []), ...slips(spans.length)]) {
    let end = 0;
    const breaks = new Set(template.slice(0, -1).map((group) => (end += group) - 1));
    const between = gaps.filter((_, i) => breaks.has(i)), within = gaps.filter((_, i) => !breaks.has(i));
    const excess = Math.min(...between) - median(within);
    if (excess > best[0] || (excess === best[0] && compared(template, best[1]) > 0)) best = [excess, template];
  }
  return best[1];
}

/**
 * Whether cards print numbers in such groups: losing a digit turns 4-4-4-4 into 3-4-4-4, and no card has that.
 *
 * @param {number[]} groups
 * @returns {boolean}
 */
export function plausible(groups) {
  const count = groups.reduce((total, group) => total + group, 0);
  return (PRINTED[count] ?? []).some((template) => same(template, groups));
}
