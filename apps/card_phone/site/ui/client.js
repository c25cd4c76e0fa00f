/* The page's end of the reader's thread. */

import { Refused } from "../reader/picture.js";

export class ReaderClient {
  #worker;
  #waiting = new Map();
  #next = 1;

  constructor() {
    // A worker started from a blob lives under this page's content policy; one with an address of its own would not.
    const address = new URL("../worker.js", import.meta.url).href;
    const start = URL.createObjectURL(new Blob([`import ${JSON.stringify(address)};`], { type: "text/javascript" }));
    this.#worker = new Worker(start, { type: "module" });
    /** Settles once the reader is ready. @type {Promise<void>} */
    this.ready = new Promise((resolve, reject) => {
      this.#worker.addEventListener("message", ({ data }) => this.#settle(data, resolve, reject));
      this.#worker.addEventListener("error", () => reject(new Error("The reader's thread could not start")));
    });
  }

  /**
   * @param {Blob|ImageBitmap} picture - a bitmap is handed over and comes back in the answer
   * @returns {Promise<{reading: import("../reader/read.js").Reading, picture: ImageBitmap, scale: number}>} `scale`:
   *   pixels the reading speaks of per pixel of the picture
   * @throws {Refused} if it is not a picture that can be read
   */
  async read(picture) {
    await this.ready;
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, picture }, picture instanceof ImageBitmap ? [picture] : []);
    });
  }

  #settle(data, ready, broken) {
    if (data.ready) return ready();
    if (data.id === undefined) return broken(new Error(data.failed));
    const { resolve, reject } = this.#waiting.get(data.id);
    this.#waiting.delete(data.id);
    if (data.reading) return resolve(data);
    return reject(data.problem ? new Refused(data.problem, data.values) : new Error(data.failed));
  }
}
