/* The two networks, run by ONNX Runtime in WebAssembly, on one thread: more need headers static hosts do not send. */

import * as ort from "../runtime/ort.wasm.bundle.min.mjs";

ort.env.wasm.numThreads = 1;

/** Compressed when the site is built, like the networks: few static hosts compress WebAssembly or unknown files. */
const RUNTIME = new URL("../runtime/ort-wasm-simd-threaded.wasm.packed", import.meta.url);

const SESSION = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };

/** @param {URL} url - of a file compressed with gzip @returns {Promise<ArrayBuffer>} */
async function unpacked(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
  return new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

export class Networks {
  /**
   * @param {ort.InferenceSession} detector
   * @param {ort.InferenceSession} recogniser
   */
  constructor(detector, recogniser) {
    this.detector = detector;
    this.recogniser = recogniser;
  }

  /**
   * @param {URL} folder - where detector.onnx.packed and recogniser.onnx.packed lie
   * @returns {Promise<Networks>}
   */
  static async load(folder) {
    const names = ["detector.onnx.packed", "recogniser.onnx.packed"];
    const [runtime, ...models] = await Promise.all([RUNTIME, ...names.map((name) => new URL(name, folder))].map(unpacked));
    ort.env.wasm.wasmBinary = runtime;
    const sessions = [];
    // one after the other: the runtime refuses a second start while it is starting
    for (const bytes of models) sessions.push(await ort.InferenceSession.create(bytes, SESSION));
    ort.env.wasm.wasmBinary = undefined;
    return new Networks(...sessions);
  }

  /**
   * @param {import("./pixels.js").Grey} frame - both sides multiples of 32
   * @returns {Promise<import("./lines.js").Maps>}
   */
  async detect({ data, width, height }) {
    const frames = new ort.Tensor("float32", data, [1, 1, height, width]);
    const { maps } = await this.detector.run({ frames });
    return { data: maps.data, width: maps.dims[3], height: maps.dims[2] };
  }

  /**
   * @param {import("./pixels.js").Grey} band - 32 rows, its width a multiple of 4
   * @returns {Promise<{logits: Float32Array, extents: Float32Array}>} S x 11 and S x 2, S half the width
   */
  async recognise({ data, width, height }) {
    const bands = new ort.Tensor("float32", data, [1, 1, height, width]);
    const { logits, extents } = await this.recogniser.run({ bands });
    return { logits: logits.data, extents: extents.data };
  }
}
