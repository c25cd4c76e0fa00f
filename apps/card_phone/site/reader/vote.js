/* Several frames of a camera vote before a number is accepted: one frame may be wrong, those that agree hardly ever. */

/** How many of the last frames vote, and how many points a number needs. */
const WINDOW = 5, NEEDED = 3;

/** Points of a frame that accepted its number, and of one that was nearly sure of it. */
const ACCEPTED = 2, NEARLY = 1;

/**
 * The vote of the last frames.
 *
 *     const vote = new Vote();
 *     const { number, agreeing } = vote.add(reading); // after every frame
 *
 * A number is accepted with a frame that read it, once two frames accepted it, or one did and one was nearly sure, or
 * three were nearly sure, and none of the last five read another. For the next card, begin with a new vote.
 */
export class Vote {
  #recent = [];

  /**
   * @param {{number: ?string, nearly: ?string}} reading - of the newest frame: the number it accepted, or nearly did
   * @returns {{number: ?string, agreeing: number}} the number if it is accepted by vote; how many frames read the
   *   newest one
   */
  add({ number, nearly }) {
    const read = number ?? nearly;
    this.#recent = [...this.#recent, { read, points: number === null ? NEARLY : ACCEPTED }].slice(-WINDOW);
    const heard = this.#recent.filter((one) => one.read !== null);
    const agreeing = heard.filter((one) => one.read === read);
    const points = agreeing.reduce((total, one) => total + one.points, 0);
    return { number: points >= NEEDED && agreeing.length === heard.length ? read : null, agreeing: agreeing.length };
  }
}
