/* What to tell a person who holds a card before a camera. */

/** Mean grey level below which a picture without a number is called too dark. */
const DARK = 45;

/** A number that moved more than this many digit heights from one frame to the next is being moved. */
const STILL = 1.2;

const ADVICE = {
  no_card: "none",
  too_small: "closer",
  too_blurred: "blurred",
  uncertain_digit: "tilt",
  length: "whole",
  checksum: "again",
};

/** @typedef {"hold"|"dark"|"still"|"none"|"closer"|"blurred"|"tilt"|"whole"|"again"} Advice */

const middle = ({ corners }) => [0, 1].map((axis) => (corners[0][axis] + corners[2][axis]) / 2);

/**
 * How far the number moved between two frames, in digit heights.
 *
 * @param {import("./read.js").Reading} reading
 * @param {?import("./read.js").Reading} previous
 * @returns {number} 0 where either shows none
 */
export function motion(reading, previous) {
  const [line] = reading.lines, before = previous?.lines[0];
  if (!line || !before) return 0;
  const [x, y] = middle(line), [oldX, oldY] = middle(before);
  return Math.hypot(x - oldX, y - oldY) / line.height;
}

/**
 * @param {import("./read.js").Reading} reading - of the newest frame
 * @param {?import("./read.js").Reading} previous - of the frame before
 * @returns {Advice}
 */
export function advise(reading, previous) {
  if (reading.decision === "accepted") return "hold";
  if (reading.light < DARK) return "dark";
  if (reading.reason !== "no_card" && motion(reading, previous) > STILL) return "still";
  return ADVICE[reading.reason];
}
