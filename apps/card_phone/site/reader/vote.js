/* Several frames of a camera vote before a number is accepted: one frame may be wrong, two that agree hardly ever. */

/** How many of the last frames vote, and how many of them must have accepted the same number. */
export const WINDOW = 5, NEEDED = 2;

/**
 * The vote of the last frames.
 *
 *     const vote = new Vote();
 *     const { number, agreeing } = vote.add(reading.number); // after every frame, null where it was rejected
 *
 * A number is accepted with a frame that accepted it, once `needed` of the last `window` frames did and none of them
 * accepted another. For the next card, begin with a new vote.
 */
export class Vote {
  #recent = [];

  /**
   * @param {number} window - how many of the last frames count
   * @param {number} needed - how many of them must agree
   * @throws {RangeError} if no number could ever, or every one would at once, be accepted
   */
  constructor(window = WINDOW, needed = NEEDED) {
    if (!(needed >= 1 && needed <= window)) throw new RangeError(`Of ${window} frames, ${needed} cannot agree`);
    Object.assign(this, { window, needed });
  }

  /**
   * @param {?string} number - that the newest frame accepted; null if it accepted none
   * @returns {{number: ?string, agreeing: number, disputed: boolean}} the number if it is accepted by vote; how many
   *   frames accepted the newest number; whether frames accepted different numbers
   */
  add(number) {
    this.#recent = [...this.#recent, number].slice(-this.window);
    const accepted = this.#recent.filter((one) => one !== null);
    const disputed = new Set(accepted).size > 1;
    const agreeing = accepted.filter((one) => one === number).length;
    return { number: agreeing >= this.needed && !disputed ? number : null, agreeing, disputed };
  }
}
