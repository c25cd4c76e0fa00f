/* Arrays that are used again for every picture, so that a camera leaves no garbage behind. */

export class Buffers {
  #kept = new Map();

  /**
   * An array for one purpose; what it held before is not cleared.
   *
   * @param {string} purpose - two arrays in use at the same time need two purposes
   * @param {number} length
   * @returns {Float32Array}
   */
  take(purpose, length) {
    let kept = this.#kept.get(purpose);
    if (!kept || kept.length < length) {
      kept = new Float32Array(length);
      this.#kept.set(purpose, kept);
    }
    return kept.subarray(0, length);
  }
}
