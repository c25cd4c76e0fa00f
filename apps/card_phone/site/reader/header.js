/* What kind of picture a file is and how many pixels it has, from its first bytes, before anything is decoded. */

const text = (bytes, from, length) => String.fromCharCode(...bytes.subarray(from, from + length));

/** HEIF brands whose pictures only some systems can decode. */
const HEIC = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

/**
 * @param {Uint8Array} bytes - the beginning of the file; sizes may hide behind a long preface
 * @returns {{kind: "png"|"jpeg"|"gif"|"webp"|"bmp"|"avif"|"heic"|"unknown", width: ?number, height: ?number}} sizes as
 *   stored, before any turn; null where they are not told in these bytes
 */
export function header(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const kind = kindOf(bytes);
    const [width, height] = SIZES[kind]?.(view, bytes) ?? [null, null];
    return { kind, width, height };
  } catch (error) {
    // a file cut short in the middle of its header
    if (error instanceof RangeError) return { kind: kindOf(bytes), width: null, height: null };
    throw error;
  }
}

function kindOf(bytes) {
  if (text(bytes, 0, 4) === "\x89PNG") return "png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpeg";
  if (text(bytes, 0, 4) === "GIF8") return "gif";
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") return "webp";
  if (text(bytes, 0, 2) === "BM") return "bmp";
  if (text(bytes, 4, 4) !== "ftyp") return "unknown";
  const brand = text(bytes, 8, 4);
  if (brand === "avif" || brand === "avis") return "avif";
  return HEIC.includes(brand) ? "heic" : "unknown";
}

const SIZES = {
  png: (view) => [view.getUint32(16), view.getUint32(20)],
  gif: (view) => [view.getUint16(6, true), view.getUint16(8, true)],
  bmp: (view) => [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))],
  jpeg: jpegSize,
  webp: webpSize,
};

/** The frame header (SOF) of a JPEG file, found by walking from segment to segment. */
function jpegSize(view) {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

function webpSize(view, bytes) {
  const chunk = text(bytes, 12, 4);
  if (chunk === "VP8X") return [24, 27].map((at) => 1 + (view.getUint16(at, true) | (view.getUint8(at + 2) << 16)));
  if (chunk === "VP8 ") return [26, 28].map((at) => view.getUint16(at, true) & 0x3fff);
  const packed = view.getUint32(21, true);
  return [1 + (packed & 0x3fff), 1 + ((packed >> 14) & 0x3fff)];
}
