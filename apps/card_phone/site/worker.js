/* The thread that owns the reader. It takes {id, picture}, a Blob or an ImageBitmap, and answers {id, reading, picture,
 * scale}, {id, problem, values} or {id, failed}; before that {ready: true} or {failed} once. Pictures are handed over
 * and back, not copied. */

import { Networks } from "./reader/networks.js";
import { decode, PixelSource, Refused } from "./reader/picture.js";
import { CardReader } from "./reader/read.js";

const models = new URL("models/", import.meta.url);
const source = new PixelSource();
let last = Promise.resolve(), warm = false;

async function load() {
  const [networks, settings] = await Promise.all([
    Networks.load(models),
    fetch(new URL("reader.json", models)).then((answer) => answer.json()),
  ]);
  return new CardReader(networks, settings);
}

const loading = load();
loading.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

async function answer({ id, picture }) {
  try {
    const reader = await loading;
    const began = performance.now();
    const bitmap = picture instanceof ImageBitmap ? picture : await decode(picture);
    const { pixels, scale } = source.pixels(bitmap);
    const decoded = performance.now();
    // The first reading compiles and prepares as well: its time would mislead.
    if (!warm) await reader.read(pixels);
    warm = true;
    const reading = await reader.read(pixels);
    reading.ms = { decode: decoded - began, ...reading.ms };
    postMessage({ id, reading, picture: bitmap, scale }, [bitmap]);
  } catch (error) {
    if (error instanceof Refused) postMessage({ id, problem: error.problem, values: error.values });
    else postMessage({ id, failed: String(error) });
  }
}

addEventListener("message", ({ data }) => {
  // the reader's buffers hold one picture at a time
  last = last.then(() => answer(data));
});
