/* Lines in a picture, and the way back from the columns of a band to the picture. */

/** @typedef {[number, number]} Point  x to the right and y down, in pixels of some picture */

const LEAST = 1e-6;

/** One printed line of a number, in pixels of some picture. */
export class NumberLine {
  /**
   * @param {Point} left - end of its centre line
   * @param {Point} right - the other end
   * @param {number} leftHeight - digit height at the left end; differs from the right one under perspective
   * @param {number} rightHeight
   * @param {number} score - mean detector probability along the line, 0 to 1
   */
  constructor(left, right, leftHeight, rightHeight, score = 1) {
    Object.assign(this, { left, right, leftHeight, rightHeight, score });
  }

  get length() {
    return Math.hypot(this.right[0] - this.left[0], this.right[1] - this.left[1]);
  }

  get height() {
    return (this.leftHeight + this.rightHeight) / 2;
  }

  /** Degrees from the picture's x axis, clockwise as seen. */
  get angle() {
    return (Math.atan2(this.right[1] - this.left[1], this.right[0] - this.left[0]) * 180) / Math.PI;
  }

  /** Four corners, clockwise from the upper left. @returns {Point[]} */
  get corners() {
    return [this.point(0, -0.5), this.point(1, -0.5), this.point(1, 0.5), this.point(0, 0.5)];
  }

  /** The same line read from its other end, as in a picture that is upside down. */
  get reversed() {
    return new NumberLine(this.right, this.left, this.rightHeight, this.leftHeight, this.score);
  }

  /** The same line in a picture `factor` times as large. @param {number} factor */
  scaled(factor) {
    const ends = [this.left, this.right].map(([x, y]) => [x * factor, y * factor]);
    return new NumberLine(...ends, this.leftHeight * factor, this.rightHeight * factor, this.score);
  }

  /** The same line in a picture that shows (x, y) more to the left and above. @param {number} x @param {number} y */
  moved(x, y) {
    const ends = [this.left, this.right].map(([atX, atY]) => [atX + x, atY + y]);
    return new NumberLine(...ends, this.leftHeight, this.rightHeight, this.score);
  }

  /**
   * The same line, longer by shares of its length.
   *
   * @param {number} before - its left end
   * @param {number} after - its right end
   */
  extended(before, after) {
    const ends = [this.point(-before, 0), this.point(1 + after, 0)];
    return new NumberLine(...ends, this.leftHeight, this.rightHeight, this.score);
  }

  /**
   * The same line as if it had been found a little differently.
   *
   * @param {number} taller - factor on the digit height
   * @param {number} lower - digit heights further down
   * @param {number} turn - digit heights by which its right end goes down and its left end up
   */
  nudged(taller, lower, turn) {
    const ends = [this.point(0, lower - turn), this.point(1, lower + turn)];
    return new NumberLine(...ends, this.leftHeight * taller, this.rightHeight * taller, this.score);
  }

  /**
   * The line in a picture, found in that picture turned a quarter clockwise.
   *
   * @param {number} height - of the picture in pixels
   */
  turnedBack(height) {
    const ends = [this.left, this.right].map(([x, y]) => [y, height - x]);
    return new NumberLine(...ends, this.leftHeight, this.rightHeight, this.score);
  }

  /**
   * @param {number} along - 0 at the left end, 1 at the right end
   * @param {number} across - digit heights below the centre line
   * @returns {Point}
   */
  point(along, across) {
    const [x, y] = this.left, dx = this.right[0] - x, dy = this.right[1] - y;
    const height = this.leftHeight + along * (this.rightHeight - this.leftHeight);
    const shift = (across * height) / Math.max(this.length, LEAST);
    return [x + along * dx - shift * dy, y + along * dy + shift * dx];
  }
}

/** Where one line lies inside a band. */
export class BandSegment {
  /**
   * @param {number} start - its first column
   * @param {number} width - columns
   * @param {NumberLine} line - where it came from
   */
  constructor(start, width, line) {
    Object.assign(this, { start, width, line });
  }

  /** Picture corners of the columns from `left` to `right`, clockwise from the upper left. @returns {Point[]} */
  corners(left, right) {
    const [first, last] = [left, right].map((column) => (column - this.start) / this.width);
    const { line } = this;
    return [line.point(first, -0.5), line.point(last, -0.5), line.point(last, 0.5), line.point(first, 0.5)];
  }
}
