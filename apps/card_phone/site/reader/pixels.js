/* Grey pictures: made from colours, shrunk, padded, cut and turned, exactly as PyTorch does it. */

import { clamp, roundEven } from "./maths.js";

/**
 * A picture of grey levels from 0 to 255, row by row.
 * @typedef {{data: Float32Array, width: number, height: number}} Grey
 */

/** Pixels per side that the detector's frames are a multiple of. */
const FRAME_STEP = 32;

/**
 * Brightness of a colour picture (ITU-R BT.601).
 *
 * @param {Uint8ClampedArray} rgba - width x height x 4, opaque
 * @param {number} width
 * @param {number} height
 * @param {import("./buffers.js").Buffers} buffers
 * @returns {Grey}
 */
export function toGrey(rgba, width, height, buffers) {
  const data = buffers.take("grey", width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 4) {
    data[i] = 0.299 * rgba[at] + 0.587 * rgba[at + 1] + 0.114 * rgba[at + 2];
  }
  return { data, width, height };
}

/**
 * Which pixels make up each pixel of a resized side, and with what weights: a triangle as wide as two pixels of the
 * coarser side, `interpolate(mode="bilinear", antialias=True)` of PyTorch.
 *
 * @param {number} size - pixels before
 * @param {number} count - pixels after
 * @param {number} step - pixels before per pixel after
 */
function taps(size, count, step) {
  const reach = Math.max(step, 1);
  const most = 2 * Math.ceil(reach) + 1;
  const first = new Int32Array(count), used = new Int32Array(count), weights = new Float32Array(count * most);
  for (let i = 0; i < count; i++) {
    const centre = step * (i + 0.5);
    first[i] = Math.max(Math.trunc(centre - reach + 0.5), 0);
    used[i] = Math.min(Math.trunc(centre + reach + 0.5), size) - first[i];
    let total = 0;
    for (let k = 0; k < used[i]; k++) {
      const weight = Math.max(1 - Math.abs(k + first[i] - centre + 0.5) / reach, 0);
      weights[i * most + k] = weight;
      total += weight;
    }
    for (let k = 0; k < used[i]; k++) weights[i * most + k] /= total;
  }
  return { first, used, weights, most };
}

/**
 * @param {Grey} grey
 * @param {number} width - after
 * @param {number} height - after
 * @param {import("./buffers.js").Buffers} buffers
 * @param {number} [stepX] - pixels before per pixel after; from the widths if not given
 * @param {number} [stepY] - the same for the heights
 * @returns {Grey}
 */
export function resized(grey, width, height, buffers, stepX = grey.width / width, stepY = grey.height / height) {
  const across = taps(grey.width, width, stepX), down = taps(grey.height, height, stepY);
  const narrow = buffers.take("narrow", width * grey.height);
  for (let y = 0; y < grey.height; y++) {
    const row = y * grey.width;
    for (let x = 0; x < width; x++) {
      const from = row + across.first[x], at = x * across.most;
      let level = 0;
      for (let k = 0; k < across.used[x]; k++) level += grey.data[from + k] * across.weights[at + k];
      narrow[y * width + x] = level;
    }
  }
  const data = buffers.take("resized", width * height).fill(0);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < down.used[y]; k++) {
      const weight = down.weights[y * down.most + k], from = (down.first[y] + k) * width;
      for (let x = 0; x < width; x++) data[y * width + x] += narrow[from + x] * weight;
    }
  }
  return { data, width, height };
}

/**
 * Repeats the right and the lower edge until both sides are multiples of 32.
 *
 * @param {Grey} grey
 * @param {import("./buffers.js").Buffers} buffers
 * @returns {Grey} the same picture where there is nothing to repeat
 */
function padded(grey, buffers) {
  const width = Math.ceil(grey.width / FRAME_STEP) * FRAME_STEP;
  const height = Math.ceil(grey.height / FRAME_STEP) * FRAME_STEP;
  if (width === grey.width && height === grey.height) return grey;
  const data = buffers.take("padded", width * height);
  for (let y = 0; y < height; y++) {
    const from = Math.min(y, grey.height - 1) * grey.width;
    data.set(grey.data.subarray(from, from + grey.width), y * width);
    data.fill(grey.data[from + grey.width - 1], y * width + grey.width, (y + 1) * width);
  }
  return { data, width, height };
}

/**
 * The detector's frame of a picture: shrunk so that its longest side is at most `longest`, then padded.
 *
 * @param {Grey} grey
 * @param {number} longest - pixels
 * @param {import("./buffers.js").Buffers} buffers
 * @returns {{frame: Grey, scale: number}} the frame, and the factor its pixels were scaled by
 */
export function fitFrame(grey, longest, buffers) {
  const scale = Math.min(longest / Math.max(grey.width, grey.height), 1);
  const [width, height] = [grey.width, grey.height].map((side) => Math.max(roundEven(side * scale), 8));
  return { frame: padded(scale < 1 ? resized(grey, width, height, buffers) : grey, buffers), scale };
}

/**
 * Part of a picture, enlarged or shrunk by a factor.
 *
 * @param {Grey} grey
 * @param {{left: number, top: number, width: number, height: number}} window - whole pixels
 * @param {number} scale
 * @param {import("./buffers.js").Buffers} buffers
 * @returns {Grey}
 */
export function closeUp(grey, window, scale, buffers) {
  const { left, top, width, height } = window;
  const data = buffers.take("window", width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * grey.width + left;
    data.set(grey.data.subarray(from, from + width), y * width);
  }
  const [wide, tall] = [Math.floor(width * scale), Math.floor(height * scale)];
  return resized({ data, width, height }, wide, tall, buffers, 1 / scale, 1 / scale);
}

/**
 * A picture turned a quarter clockwise.
 *
 * @param {Grey} grey
 * @param {import("./buffers.js").Buffers} buffers
 * @returns {Grey}
 */
export function turned(grey, buffers) {
  const width = grey.height, height = grey.width;
  const data = buffers.take("turned", width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = grey.data[(grey.height - 1 - x) * grey.width + y];
  }
  return { data, width, height };
}

/**
 * The grey level at a point between pixels; beyond the edges, that of the edge.
 *
 * @param {Grey} grey
 * @param {number} x - pixels; the centre of the first pixel is at 0.5
 * @param {number} y
 * @returns {number} 0 to 255
 */
export function levelAt({ data, width, height }, x, y) {
  const atX = clamp(x - 0.5, 0, width - 1), atY = clamp(y - 0.5, 0, height - 1);
  const left = Math.floor(atX), top = Math.floor(atY);
  const right = Math.min(left + 1, width - 1), below = Math.min(top + 1, height - 1) * width;
  const shareX = atX - left, shareY = atY - top, above = top * width;
  const upper = data[above + left] * (1 - shareX) + data[above + right] * shareX;
  const lower = data[below + left] * (1 - shareX) + data[below + right] * shareX;
  return upper * (1 - shareY) + lower * shareY;
}
