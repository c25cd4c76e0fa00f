/* A straightened band and what the recogniser saw in it. */

import { groupSizes } from "./groups.js";
import { bestPath, CLASSES, digitNear, numberProbability, STEP } from "./recognise.js";
import { BandSegment } from "./geometry.js";
import { BETWEEN, NEAR, slots } from "./slots.js";

export class SeenBand {
  #seen = null;
  #found = null;

  /**
   * @param {import("./pixels.js").Grey} band
   * @param {BandSegment[]} segments - the place of every line in it
   * @param {Float64Array} logs - S x 11 log probabilities
   * @param {Float32Array} extents - S x 2, band columns
   * @param {?import("./slots.js").Slots} places - those that count, where not every digit seen does
   */
  constructor(band, segments, logs, extents, places = null) {
    Object.assign(this, { band, segments, logs, extents, places });
  }

  get steps() {
    return this.extents.length / 2;
  }

  /** The same without so many steps at either end. @param {number} steps @returns {SeenBand} */
  withoutEnds(steps) {
    const columns = steps * STEP, last = this.steps - steps;
    return new SeenBand(
      cropped(this.band, columns),
      this.segments.map(({ start, width, line }) => new BandSegment(start - columns, width, line)),
      this.logs.subarray(steps * CLASSES, last * CLASSES),
      this.extents.subarray(steps * 2, last * 2),
    );
  }

  /** All digits in it, from left to right. @returns {import("./recognise.js").ReadDigit[]} */
  get seen() {
    return (this.#seen ??= bestPath(this.logs, this.extents));
  }

  /** Those that count, from left to right. @returns {import("./recognise.js").ReadDigit[]} */
  get found() {
    return (this.#found ??= this.places ? this.#atPlaces() : this.seen);
  }

  #atPlaces() {
    const { seen, middles, step } = this.places;
    return seen.map((digit, i) =>
      digit === null ? digitNear(this.logs, this.extents, middles[i], NEAR * step) : this.seen[digit],
    );
  }

  /** The same with the digits alone that stand where cards print them. @returns {?SeenBand} null where too few do */
  inSlots() {
    const places = slots(this.seen.map(({ left, right }) => (left + right) / 2), this.seen.map((digit) => digit.confidence));
    return places && new SeenBand(this.band, this.segments, this.logs, this.extents, places);
  }

  /** Whether a digit at least so sure, that stands between the places or where the next would be, counts not. */
  leavesOut(sure) {
    if (!this.places) return false;
    const { seen, middles, step } = this.places, reach = BETWEEN.high * step;
    return this.seen.some(({ left, right, confidence }, index) => {
      const middle = (left + right) / 2, near = middle >= middles[0] - reach && middle <= middles.at(-1) + reach;
      return confidence >= sure && near && !seen.includes(index);
    });
  }

  /** How probable exactly these digits are, given the band: 0 to 1. */
  get probability() {
    return numberProbability(this.logs, this.found);
  }

  /**
   * The digits with their corners in the picture the lines are in, and how many stand in each printed group.
   *
   * @param {number} digitHeight - in band rows
   */
  inPicture(digitHeight) {
    if (!this.found.length) return { digits: [], groups: [] };
    const onLine = this.found.map(({ left, right }) =>
      Math.max(this.segments.findLastIndex((segment) => segment.start <= (left + right) / 2), 0),
    );
    const digits = this.found.map(({ value, confidence, probabilities, left, right }, i) => {
      const corners = this.segments[onLine[i]].corners(left, right);
      return { value: String(value), confidence, probabilities, corners, span: [left, right] };
    });
    const spans = digits.map((digit) => digit.span);
    return { digits, groups: this.places?.groups ?? groupSizes(spans, onLine, digitHeight) };
  }
}

/** A band without so many columns at either end. */
function cropped({ data, width, height }, columns) {
  const rest = width - 2 * columns, inner = new Float32Array(rest * height);
  for (let row = 0; row < height; row++) {
    const from = row * width + columns;
    inner.set(data.subarray(from, from + rest), row * rest);
  }
  return { data: inner, width: rest, height };
}
