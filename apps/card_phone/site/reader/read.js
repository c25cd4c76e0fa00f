/* The whole flow: find the number, straighten it, read it, and reject it unless it is beyond doubt. A port of
 * modeling/card_ocr; the tests of apps/card_phone compare the two picture by picture. */

import { better, FEWEST, likeliest, NOTHING, numberOf, settled } from "./attempt.js";
import { rectify } from "./band.js";
import { Buffers } from "./buffers.js";
import { givenChecksum } from "./confidence.js";
import { judge, nearlyAccepted, VALID_LENGTHS } from "./decide.js";
import { plausible } from "./groups.js";
import { guesses } from "./guesses.js";
import { fitLines } from "./lines.js";
import { closeWindow, goesOn, longer, nudged, secondLooks } from "./looks.js";
import { mean, roundEven } from "./maths.js";
import { closeUp, fitFrame, toGrey, turned } from "./pixels.js";
import { logProbabilities } from "./recognise.js";
import { SeenBand } from "./seen.js";

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
 * @property {?string} nearly - the number of a reading that was rejected for a little doubt alone: for votes
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
    attempt = await this.#nudgedAttempt(grey, attempt, clock);
    const accepted = attempt.reason === "ok", number = numberOf(attempt);
    const printed = plausible(attempt.groups);
    return {
      number: accepted ? number : null,
      nearly: nearlyAccepted(attempt.reason, { ...attempt, number, printed }) ? number : null,
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

  /** The best of a doubtful attempt and of others at the same lines, moved a little. */
  async #nudgedAttempt(grey, attempt, clock) {
    const looks = [attempt];
    for (const lines of settled(attempt) || attempt.digits.length < FEWEST ? [] : nudged(attempt.lines)) {
      if (looks.at(-1).reason === "ok") break;
      looks.push(await this.#attempt(grey, lines, clock));
    }
    return likeliest(looks, this.#settings.number_threshold);
  }

  /**
   * Reads and judges lines. One that stands alone is seen with what lies beyond its ends, and read on where the number
   * goes on there: the first 16 of 19 digits look whole. Where that settles nothing, it is seen without.
   */
  async #attempt(grey, lines, clock) {
    const longest = Math.max(grey.width, grey.height);
    if (!lines.length) return NOTHING;
    if (lines.length > 1) return this.#judged(lines, await this.#see(grey, lines, clock), longest, clock);
    const { whole, share } = longer(lines[0]), seen = await this.#see(grey, [whole], clock);
    const inner = seen.withoutEnds(roundEven(share * seen.steps));
    const attempt = this.#judged(lines, inner, longest, clock);
    if (!settled(attempt)) return better(attempt, this.#judged(lines, await this.#see(grey, lines, clock), longest, clock));
    if (attempt.digits.length >= Math.max(...VALID_LENGTHS)) return attempt;
    const shift = seen.segments[0].start - inner.segments[0].start;
    return goesOn(inner.found, seen.found, shift, this.#settings) ? this.#judged([whole], seen, longest, clock) : attempt;
  }

  /** Straightens lines and runs the recogniser along them. */
  async #see(grey, lines, clock) {
    const { band, segments } = rectify(grey, lines, this.#settings.band_height, this.#settings.digit_height);
    clock.lap("rectify");
    const { logits, extents } = await this.#networks.recognise(band);
    const logs = logProbabilities(logits, this.#settings.temperature);
    clock.lap("recognise");
    return new SeenBand(band, segments, logs, extents);
  }

  /** Decodes and judges what was seen on lines; where no card prints digits so, those that stand right alone. */
  #judged(lines, seen, longest, clock) {
    const attempt = this.#decoded(lines, seen, longest, clock);
    const chosen = lines.length === 1 && !plausible(attempt.groups) && seen.inSlots();
    return chosen ? this.#decoded(lines, chosen, longest, clock) : attempt;
  }

  /** Decodes and judges the digits of a band. */
  #decoded(lines, seen, longest, clock) {
    const { digits, groups } = seen.inPicture(this.#settings.digit_height), alone = seen.probability;
    clock.lap("recognise");
    const confidence = givenChecksum(digits.map((digit) => digit.probabilities));
    const certain = confidence >= this.#settings.number_threshold;
    const printed = plausible(groups) && !seen.leavesOut(this.#settings.beyond_threshold);
    const reason = judge(lines, { digits, confidence, printed }, longest, this.#settings);
    clock.lap("decide");
    return { lines, band: seen.band, digits, groups, alone, confidence, certain, reason };
  }
}
