/* How sure a whole number is once its checksum is known. A single wrong digit never passes the checksum of a valid number
 * (ISO/IEC 7812-1 annex B), so a number with one unsure digit that passes is nearly certain, and one with two is not. */

/** What a digit adds to the checksum, in every second place from the right and in the others. */
const PLAIN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

/** How often the number a card shows fails the checksum itself. */
const MISPRINTED = 0.005;

const addsAt = (placeFromRight) => (placeFromRight % 2 ? DOUBLED : PLAIN);

/**
 * Probability of each remainder the checksum may leave, if every digit is drawn on its own.
 *
 * @param {number[][]} probabilities - N x 10, left to right
 * @returns {number[]} ten; the first is that of the valid numbers
 */
export function remainderMasses(probabilities) {
  let masses = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  probabilities.toReversed().forEach((row, place) => {
    const next = new Array(10).fill(0);
    row.forEach((share, digit) => {
      masses.forEach((mass, left) => (next[(left + addsAt(place)[digit]) % 10] += share * mass));
    });
    masses = next;
  });
  return masses;
}

/**
 * Probability of the number read once it is known which remainder its checksum leaves (Bayes' rule), if digits err on
 * their own. For a number that passes the checksum it is the probability that it is right.
 *
 * @param {number[][]} probabilities - N x 10, the digits' distributions, left to right
 * @returns {number} 0 to 1; 0 where there is no digit
 */
export function givenChecksum(probabilities) {
  if (!probabilities.length) return 0;
  const highest = probabilities.map((row) => Math.max(...row));
  const values = probabilities.map((row, i) => row.indexOf(highest[i]));
  const product = highest.reduce((total, share) => total * share, 1);
  const remainder = values.toReversed().reduce((total, digit, place) => total + addsAt(place)[digit], 0) % 10;
  const kept = remainderMasses(probabilities)[remainder];
  return Math.min(product / (kept + MISPRINTED * (1 - kept)), 1);
}
