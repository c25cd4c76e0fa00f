/* Draws the picture that was read, with the number outlined and covered, and the straightened band. */

import { firstOpen } from "./covering.js";

/** Pixels of the longest side of the picture as it is shown. */
const LONGEST = 960;

const FOUND = "#f0783c", COVER = "#7c8582", BAND_COVER = 128;

/** @typedef {import("../reader/read.js").Reading} Reading */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} picture
 * @param {Reading} reading
 * @param {number} scale - pixels the reading speaks of per pixel of the picture
 * @param {boolean} revealed
 */
export function drawPhoto(canvas, picture, reading, scale, revealed) {
  const shrink = Math.min(LONGEST / Math.max(picture.width, picture.height), 1);
  Object.assign(canvas, { width: Math.round(picture.width * shrink), height: Math.round(picture.height * shrink) });
  const context = canvas.getContext("2d", { alpha: false });
  const paint = () => context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const factor = shrink / scale;
  const placed = (...quad) => grown(...quad).map(([x, y]) => [x * factor, y * factor]);
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  paint();
  const open = firstOpen(reading, revealed);
  if (open > 0) {
    context.fillStyle = COVER;
    // digits may stick out of the line, or lie beyond it in a bad reading
    for (const { corners } of [...reading.lines, ...reading.digits]) context.fill(outline(placed(corners, 1.12, 1.35)));
    for (const { corners } of reading.digits.slice(open)) {
      context.save();
      context.clip(outline(placed(corners, 1, 1)));
      paint();
      context.restore();
    }
  }
  context.strokeStyle = FOUND;
  context.lineWidth = Math.max(canvas.width / 220, 2);
  context.lineJoin = "round";
  for (const { corners } of reading.lines) context.stroke(outline(placed(corners, 1.04, 1.5)));
}

function outline(corners) {
  const path = new Path2D();
  corners.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
  return path;
}

/** A quadrilateral stretched about its centre: `across` along its upper side, `along` down its left one. */
function grown(corners, across, along) {
  const [a, b, c, d] = corners;
  const part = (axis) => {
    const centre = (a[axis] + b[axis] + c[axis] + d[axis]) / 4;
    const side = ((b[axis] - a[axis] + c[axis] - d[axis]) / 4) * across;
    const rise = ((d[axis] - a[axis] + c[axis] - b[axis]) / 4) * along;
    return [centre - side - rise, centre + side - rise, centre + side + rise, centre - side + rise];
  };
  const x = part(0), y = part(1);
  return x.map((at, i) => [at, y[i]]);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Reading} reading - with a band
 * @param {boolean} revealed
 */
export function drawBand(canvas, { band, digits, ...reading }, revealed) {
  const open = firstOpen({ digits, ...reading }, revealed);
  const first = open && digits[open] ? Math.ceil(Math.max(digits[open].span[0], digits[open - 1].span[1])) : 0;
  const covered = open === digits.length && open ? band.width : first;
  const image = new ImageData(band.width, band.height);
  for (let i = 0; i < band.data.length; i++) {
    image.data.fill(i % band.width < covered ? BAND_COVER : band.data[i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  Object.assign(canvas, { width: band.width, height: band.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
}
