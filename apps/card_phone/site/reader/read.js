/* The whole flow: find the number, straighten it, read it, and reject it unless it is beyond doubt. A port of
 * modeling/card_ocr; the tests of apps/card_phone compare the two picture by picture. */

import { rectify } from "./band.js";
import { Buffers } from "./buffers.js";
import { givenChecksum } from "./confidence.js";
import { judge, luhnValid, VALID_LENGTHS } from "./decide.js";
import { groupSizes, plausible } from "./groups.js";
import { guesses } from "./guesses.js";
import { fitLines } from "./lines.js";
import { closeWindow, goesOn, secondLooks } from "./looks.js";
import { compared, mean } from "./maths.js";
import { closeUp, fitFrame, toGrey, turned } from "./pixels.js";
import { readDigits } from "./recognise.js";

/** How many digit heights beyond either end of a line are searched for digits that were cut off. */
const BEYOND = 2;

/** A number this probable from the picture alone, that fails the checksum, is taken for what is printed there. */
const SURE = 0.4;

/**
 * Fields of the model's configuration, under the names they have there (modeling/card_ocr/configuration_card_ocr.py).
 * @typedef {object} Settings
 * @property {number} frame_side
 * @property {number} band_height
 * @property {number} digit_height
 * @property {number} line_threshold
 * @property {number} least_digit_height
 * @property {number} beyond_threshold
 * @property {number} temperature
 * @property {number} digit_threshold
 * @property {number} number_threshold
 */

/**
 * The answer. Points are in pixels of the picture read.
 * @typedef {object} Reading
 * @property {?string} number - only if it was accepted
 * @property {Array<{value: string, confidence: number, probabilities: number[], corners: Array<[number, number]>,
 *   span: [number, number]}>} digits - all that were found, in reading order; `span` in band columns
 * @property {number[]} groups - digits in each printed group
 * @property {"accepted"|"rejected"} decision
 * @property {import("./decide.js").Reason} reason
 * @property {number} confidence - probability that the number is right, 0 to 1
 * @property {Array<{corners: Array<[number, number]>, height: number}>} lines - where it stands, in reading order
 * @property {?import("./pixels.js").Grey} band - the straightened number
 * @property {number} light - mean grey level of the picture, 0 to 255
 * @property {{locate: number, rectify: number, recognise: number, decide: number}} ms - time of every stage
 */

/** Milliseconds by stage; a stage that runs twice is added up. */
class Clock {
  ms = { locate: 0, rectify: 0, recognise: 0, decide: 0 };
  #last = performance.now();

  lap(stage) {
    const now = performance.now();
    this.ms[stage] += now - this.#last;
    this.#last = now;
  }
}

/** Whether there is nothing to gain from another look: it passed, or fails and is surely so printed. */
const settled = ({ reason, alone }) => reason === "ok" || (reason === "checksum" && alone >= SURE);

/** Orders attempts: accepted, grouped as cards print it, settled, passing the checksum, sure of itself. */
function rank(attempt) {
  const printed = plausible(attempt.groups);
  const passes = printed && luhnValid(attempt.digits.map((digit) => digit.value).join(""));
  return [attempt.reason === "ok", printed, settled(attempt), passes, attempt.alone];
}

const better = (one, other) => (compared(rank(other), rank(one)) > 0 ? other : one);

export class CardReader {
  #networks;
  #settings;
  #buffers = new Buffers();

  /**
   * @param {import("./networks.js").Networks} networks
   * @param {Settings} settings
   */
  constructor(networks, settings) {
    this.#networks = networks;
    this.#settings = settings;
  }

  /**
   * Reads the card number in a picture; a card on its side or upside down is tried too. One picture at a time.
   *
   * @param {ImageData} picture - opaque
   * @returns {Promise<Reading>}
   */
  async read({ data, width, height }) {
    const clock = new Clock();
    const grey = toGrey(data, width, height, this.#buffers);
    const light = mean(grey.data);
    let attempt = await this.#bestAttempt(grey, await this.#locate(grey), clock);
    for (const locate of [this.#locateClose, this.#locateTurned]) {
      if (settled(attempt)) break;
      attempt = better(attempt, await this.#bestAttempt(grey, await locate.call(this, grey, attempt.lines), clock));
    }
    const accepted = attempt.reason === "ok";
    return {
      number: accepted ? attempt.digits.map((digit) => digit.value).join("") : null,
      digits: attempt.digits,
      groups: attempt.groups,
      decision: accepted ? "accepted" : "rejected",
      reason: attempt.reason,
      confidence: attempt.confidence,
      lines: attempt.lines.map(({ corners, height: tall }) => ({ corners, height: tall })),
      band: attempt.band,
      light,
      ms: clock.ms,
    };
  }

  /** Guesses at the lines of the number in a picture, in its own pixels, the likeliest first. */
  async #locate(grey) {
    const { frame, scale } = fitFrame(grey, this.#settings.frame_side, this.#buffers);
    const lines = fitLines(await this.#networks.detect(frame), this.#settings.line_threshold);
    return guesses(lines).map((guess) => guess.map((line) => line.scaled(1 / scale)));
  }

  /** The same in a window around lines that were small or not read. */
  async #locateClose(grey, lines) {
    const window = closeWindow(grey, lines);
    if (!window) return [];
    const scale = this.#settings.frame_side / Math.max(window.width, window.height);
    const found = await this.#locate(closeUp(grey, window, scale, this.#buffers));
    return found.map((guess) => guess.map((line) => line.scaled(1 / scale).moved(window.left, window.top)));
  }

  /** The same for a picture that lies on its side. */
  async #locateTurned(grey) {
    const found = await this.#locate(turned(grey, this.#buffers));
    return found.map((guess) => guess.map((line) => line.turnedBack(grey.height)));
  }

  /** Reads guess after guess until one passes; failing that, the most convincing one, longer and upside down. */
  async #bestAttempt(grey, found, clock) {
    clock.lap("locate");
    let best = null;
    for (const lines of found.length ? found : [[]]) {
      const attempt = await this.#attempt(grey, lines, clock);
      if (attempt.reason === "ok") return attempt;
      best = best ? better(best, attempt) : attempt;
    }
    if (!best.lines.length || settled(best) || best.reason === "too_small") return best;
    for (const lines of secondLooks(best.lines, best.digits.length)) {
      const attempt = await this.#attempt(grey, lines, clock);
      if (settled(attempt)) return attempt;
      best = better(best, attempt);
    }
    return best;
  }

  /** Reads lines, and reads on where a single one goes on beyond the number: the first 16 of 19 digits look whole. */
  async #attempt(grey, lines, clock) {
    const attempt = await this.#readLines(grey, lines, clock);
    if (!settled(attempt) || lines.length !== 1 || attempt.digits.length >= Math.max(...VALID_LENGTHS)) return attempt;
    const beyond = (BEYOND * lines[0].height) / lines[0].length;
    const longer = await this.#readLines(grey, [lines[0].extended(beyond, beyond)], clock);
    return goesOn(lines[0], attempt.digits, longer.digits, this.#settings.beyond_threshold) ? longer : attempt;
  }

  /** Straightens, reads and judges exactly these lines. */
  async #readLines(grey, lines, clock) {
    let digits = [], groups = [], alone = 0, band = null;
    if (lines.length) {
      const straight = rectify(grey, lines, this.#settings.band_height, this.#settings.digit_height);
      band = straight.band;
      clock.lap("rectify");
      ({ digits, groups, alone } = await this.#recognise(band, straight.segments));
      clock.lap("recognise");
    }
    const confidence = givenChecksum(digits.map((digit) => digit.probabilities));
    const read = { digits, confidence, printed: plausible(groups) };
    const reason = judge(lines, read, Math.max(grey.width, grey.height), this.#settings);
    clock.lap("decide");
    return { lines, band, digits, groups, alone, confidence, reason };
  }

  /** Digits with their corners, the printed groups, and the number's probability given the band. */
  async #recognise(band, segments) {
    const { logits, extents } = await this.#networks.recognise(band);
    const found = readDigits(logits, extents, this.#settings.temperature);
    const onLine = found.digits.map(({ left, right }) =>
      Math.max(segments.findLastIndex((segment) => segment.start <= (left + right) / 2), 0),
    );
    const digits = found.digits.map(({ value, confidence, probabilities, left, right }, i) => {
      const corners = segments[onLine[i]].corners(left, right);
      return { value: String(value), confidence, probabilities, corners, span: [left, right] };
    });
    const spans = digits.map((digit) => digit.span);
    const groups = digits.length ? groupSizes(spans, onLine, this.#settings.digit_height) : [];
    return { digits, groups, alone: found.confidence };
  }
}
