/* Reads frame after frame of a camera until several agree on a number. */

import { advise } from "../reader/guide.js";
import { Vote } from "../reader/vote.js";

/**
 * @param {import("./camera.js").Camera} camera - switched on
 * @param {import("./client.js").ReaderClient} client
 * @param {() => boolean} wanted - whether to go on
 * @param {(advice: import("../reader/guide.js").Advice) => void} tell - is given advice that holds for two frames
 * @returns {Promise<?{reading: import("../reader/read.js").Reading, picture: ImageBitmap, scale: number,
 *   frames: number}>} the frame with which the number was accepted, and how many agreed on it; null if no answer is
 *   wanted any more
 */
export async function scan(camera, client, wanted, tell) {
  const vote = new Vote();
  let previous = null, before = null;
  while (wanted()) {
    const answer = await client.read(await camera.frame());
    const { number, agreeing } = vote.add(answer.reading);
    if (number && wanted()) {
      return { ...answer, reading: { ...answer.reading, number, decision: "accepted", reason: "ok" }, frames: agreeing };
    }
    answer.picture.close();
    const advice = advise(answer.reading, previous);
    if (wanted() && (advice === before || advice === "hold")) tell(advice);
    [previous, before] = [answer.reading, advice];
  }
  return null;
}
