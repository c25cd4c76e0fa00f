/* The probability of a row of digits given a band, summed over every way to lay them along it (Graves 2006, eq. 3). */

/** Log of the sum of exponentials of two logs. */
function added(one, other) {
  const [low, high] = one < other ? [one, other] : [other, one];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/**
 * @param {Float64Array} logs - S x C log probabilities, step by step
 * @param {number} classes - C; the last one is "nothing here"
 * @param {number} first - first step that counts
 * @param {number} last - the step after the last that counts
 * @param {number[]} target - the digits
 * @returns {number} 0 to 1
 */
export function probability(logs, classes, first, last, target) {
  const blank = classes - 1;
  const states = Array.from({ length: 2 * target.length + 1 }, (_, s) => (s % 2 ? target[s >> 1] : blank));
  let before = new Float64Array(states.length).fill(-Infinity), now = new Float64Array(states.length);
  before[0] = logs[first * classes + blank];
  before[1] = logs[first * classes + states[1]];
  for (let step = first + 1; step < last; step++) {
    for (let s = 0; s < states.length; s++) {
      let total = before[s];
      if (s >= 1) total = added(total, before[s - 1]);
      if (s >= 2 && s % 2 && states[s] !== states[s - 2]) total = added(total, before[s - 2]);
      now[s] = total + logs[step * classes + states[s]];
    }
    [before, now] = [now, before];
  }
  return Math.exp(added(before.at(-1), before.at(-2)));
}
