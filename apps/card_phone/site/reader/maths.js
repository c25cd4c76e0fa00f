/* The few numbers Python and NumPy have ready and JavaScript does not. */

/** @param {number} value @param {number} low @param {number} high @returns {number} */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** @param {ArrayLike<number>} values @returns {number} */
export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** @param {ArrayLike<number>} values @returns {number} */
export const mean = (values) => sum(values) / values.length;

/** Population standard deviation. @param {ArrayLike<number>} values @returns {number} */
export function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
}

/** Of an even count, halfway between the two in the middle. @param {ArrayLike<number>} values @returns {number} */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** To the nearest whole number, halves to the even one, as Python rounds. @param {number} value @returns {number} */
export function roundEven(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 ? below + 1 : below;
}

/**
 * Orders arrays as Python orders tuples: the first difference decides; booleans count as 0 and 1.
 *
 * @param {Array<number|boolean>} one
 * @param {Array<number|boolean>} other
 * @returns {number} negative, zero or positive
 */
export function compared(one, other) {
  const shared = Math.min(one.length, other.length);
  for (let i = 0; i < shared; i++) if (Number(one[i]) !== Number(other[i])) return Number(one[i]) - Number(other[i]);
  return one.length - other.length;
}
