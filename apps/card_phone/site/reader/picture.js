/* Any file a person may hand over, as an upright picture of bounded size, or the reason why it cannot be read. */

import { header } from "./header.js";

/** Pictures above this are refused by their header, undecoded; the largest common phone sensor passes. */
export const MOST_PIXELS = 52_000_000;

/** Larger pictures are shrunk until their longest side is this many pixels. */
export const LONGEST_SIDE = 2560;

/** A picture with a side below this cannot hold a readable number. */
export const SHORTEST_SIDE = 32;

/** Bytes within which headers tell the size. */
const HEADER = 1 << 18;

/** @typedef {"empty"|"not_picture"|"heic"|"damaged"|"too_large"|"too_small"|"too_narrow"} Problem */

/** A picture that cannot be read, and why. */
export class Refused extends Error {
  /** @param {Problem} problem @param {Object<string, number>} values - for the sentence that explains it */
  constructor(problem, values = {}) {
    super(problem);
    Object.assign(this, { problem, values });
  }
}

/**
 * The first frame of a picture file, upright.
 *
 * @param {Blob} file
 * @returns {Promise<ImageBitmap>}
 * @throws {Refused}
 */
export async function decode(file) {
  if (file.size === 0) throw new Refused("empty");
  const { kind, width, height } = header(new Uint8Array(await file.slice(0, HEADER).arrayBuffer()));
  if (kind === "unknown") throw new Refused("not_picture");
  if (width !== null) check(width, height);
  // Both sides, because the header does not tell whether the picture is turned when it is shown.
  const large = Math.min(width ?? 0, height ?? 0) > LONGEST_SIDE;
  const shrink = large ? { resizeWidth: LONGEST_SIDE, resizeQuality: "medium" } : {};
  try {
    return await createImageBitmap(file, { colorSpaceConversion: "none", ...shrink });
  } catch {
    throw new Refused(kind === "heic" ? "heic" : "damaged");
  }
}

function check(width, height) {
  const values = { width, height, million: MOST_PIXELS / 1e6, least: SHORTEST_SIDE };
  if (width * height > MOST_PIXELS) throw new Refused("too_large", values);
  if (Math.min(width, height) < SHORTEST_SIDE) throw new Refused("too_small", values);
  if (Math.min(width, height) * Math.min(LONGEST_SIDE / Math.max(width, height), 1) < SHORTEST_SIDE) {
    throw new Refused("too_narrow", values);
  }
}

/** Pixels of pictures, through one canvas that is kept. */
export class PixelSource {
  #context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true, alpha: false });

  /**
   * @param {ImageBitmap} bitmap
   * @returns {{pixels: ImageData, scale: number}} opaque pixels, transparency over white, and the factor by which the
   *   picture was scaled to get them
   * @throws {Refused}
   */
  pixels(bitmap) {
    check(bitmap.width, bitmap.height);
    const scale = Math.min(LONGEST_SIDE / Math.max(bitmap.width, bitmap.height), 1);
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.round(side * scale));
    const { canvas } = this.#context;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#context.imageSmoothingQuality = "high";
    this.#context.fillStyle = "white";
    this.#context.fillRect(0, 0, width, height);
    this.#context.drawImage(bitmap, 0, 0, width, height);
    return { pixels: this.#context.getImageData(0, 0, width, height), scale };
  }
}
