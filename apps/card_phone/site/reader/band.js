/* The straight band that lines are rectified into, side by side in reading order. */

import { BandSegment, NumberLine } from "./geometry.js";
import { clamp, roundEven } from "./maths.js";
import { levelAt } from "./pixels.js";

/** Space kept before the first and after the last digit of a line, in digit heights. */
export const END_MARGIN = 0.5;

/**
 * @param {import("./pixels.js").Grey} grey - the picture the lines are in
 * @param {NumberLine[]} lines - at least one
 * @param {number} bandHeight - rows of the band
 * @param {number} digitHeight - rows of a digit in it
 * @returns {{band: import("./pixels.js").Grey, segments: BandSegment[]}} the band, its width a multiple of 4, and the
 *   place of every line in it
 */
export function rectify(grey, lines, bandHeight, digitHeight) {
  const segments = [];
  let start = 0;
  for (const line of lines) {
    const margin = (END_MARGIN * line.height) / Math.max(line.length, 1e-6);
    const wide = line.extended(margin, margin);
    const width = clamp(4 * roundEven(((wide.length / wide.height) * digitHeight) / 4), 16, 1024);
    segments.push(new BandSegment(start, width, wide));
    start += width;
  }
  const band = { data: new Float32Array(start * bandHeight), width: start, height: bandHeight };
  for (const segment of segments) sample(grey, segment, band, digitHeight);
  return { band, segments };
}

/** Fills a segment's columns; large print is sampled finer than the band and averaged down, so that it won't alias. */
function sample(grey, { start, width, line }, band, digitHeight) {
  const finer = clamp(Math.ceil(line.height / digitHeight - 0.25), 1, 6);
  const share = 1 / (finer * finer);
  for (let row = 0; row < band.height * finer; row++) {
    const across = ((row + 0.5) / finer - band.height / 2) / digitHeight;
    const into = Math.floor(row / finer) * band.width + start;
    // along a row, points move in even steps: digit height changes linearly with the place on the line
    const [x, y] = line.point(0, across), [endX, endY] = line.point(1, across);
    const stepX = (endX - x) / (width * finer), stepY = (endY - y) / (width * finer);
    for (let column = 0; column < width * finer; column++) {
      const level = levelAt(grey, x + (column + 0.5) * stepX, y + (column + 0.5) * stepY);
      band.data[into + Math.floor(column / finer)] += level * share;
    }
  }
}
