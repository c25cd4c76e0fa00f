/* Whether what was read is accepted, and the reason if it is not; and the number with its digits covered. */

/** Lengths of the card numbers this reader accepts (ISO/IEC 7812 allows up to 19). */
export const VALID_LENGTHS = [15, 16, 19];

/** With fewer digits, what was read is a date or a phone number, not a card number. */
const FEWEST_DIGITS = 8;

/** A line this sure and this many digit heights long is a number, even if its digits are too blurred to read. */
const SEEN_SCORE = 0.6, SEEN_LENGTH = 7;

/** A number this sure that passes all other checks counts in a vote of several frames. */
const NEARLY_SURE = 0.98;

/** @typedef {"ok"|"no_card"|"too_small"|"too_blurred"|"uncertain_digit"|"length"|"checksum"} Reason */

/**
 * Whether a number passes the checksum of ISO/IEC 7812-1 annex B (Luhn, US patent 2,950,048).
 *
 * @param {string} number
 * @returns {boolean}
 * @throws {RangeError} if it is empty or holds anything but the digits 0-9
 */
export function luhnValid(number) {
  if (!/^[0-9]+$/.test(number)) throw new RangeError("A card number holds only the digits 0-9");
  let total = 0;
  for (let place = 0; place < number.length; place++) {
    const digit = Number(number[number.length - 1 - place]) * (1 + (place % 2));
    total += digit > 9 ? digit - 9 : digit;
  }
  return total % 10 === 0;
}

/** All but the last `visible` digits as bullets, in groups of four. @param {string} number @param {number} visible */
export function maskNumber(number, visible = 4) {
  const hidden = Math.max(number.length - visible, 0);
  return ("•".repeat(hidden) + number.slice(hidden)).match(/.{1,4}/gu)?.join(" ") ?? "";
}

/**
 * The rejects in the order a person can act on them: length, unsure digits, checksum, the number as a whole.
 *
 * @param {Array<{value: string, confidence: number}>} digits
 * @param {number} confidence - of the whole number
 * @param {number} digitThreshold
 * @param {number} numberThreshold
 * @returns {Reason}
 */
export function decide(digits, confidence, digitThreshold, numberThreshold) {
  if (digits.length < FEWEST_DIGITS) return "no_card";
  const weak = digits.filter((digit) => digit.confidence < digitThreshold).length;
  if (weak > Math.floor(digits.length / 3)) return "too_blurred";
  if (!VALID_LENGTHS.includes(digits.length)) return "length";
  if (weak) return "uncertain_digit";
  if (!luhnValid(digits.map((digit) => digit.value).join(""))) return "checksum";
  return confidence >= numberThreshold ? "ok" : "uncertain_digit";
}

/**
 * The decision with what the lines tell about it: print too small, a number too blurred, a grouping no card has.
 *
 * @param {import("./geometry.js").NumberLine[]} lines - that were read, at least one
 * @param {{digits: Array, confidence: number, printed: boolean}} read - `printed` if cards group numbers so
 * @param {number} longest - longest side of the picture in pixels
 * @param {import("./read.js").Settings} settings
 * @returns {Reason}
 */
export function judge(lines, { digits, confidence, printed }, longest, settings) {
  const reason = decide(digits, confidence, settings.digit_threshold, settings.number_threshold);
  const inFrame = Math.min(...lines.map((line) => line.height)) * Math.min(settings.frame_side / longest, 1);
  const sure = reason === "ok" || (reason === "checksum" && confidence >= settings.number_threshold);
  if (!sure && inFrame < settings.least_digit_height) return "too_small";
  const length = lines.reduce((total, line) => total + line.length, 0);
  const seen = lines[0].score > SEEN_SCORE && length > SEEN_LENGTH * lines[0].height;
  if (reason === "no_card" && seen) return "too_blurred";
  return (reason === "ok" || reason === "checksum") && !printed ? "length" : reason;
}

/**
 * Whether a reading passes every check but the last of certainty. Of validation cards filmed, none was read wrong by
 * three frames like this.
 *
 * @param {Reason} reason
 * @param {{number: string, confidence: number, printed: boolean}} read
 * @returns {boolean}
 */
export function nearlyAccepted(reason, { number, confidence, printed }) {
  return reason === "uncertain_digit" && printed && confidence >= NEARLY_SURE && luhnValid(number);
}
