/* How a picture was read, step by step: found, straightened, read, decided, each with its time. */

import { firstOpen } from "./covering.js";
import { el } from "./dom.js";
import { drawBand } from "./photo.js";
import { milliseconds, percent } from "./verdict.js";

/** The checks in the order they are made, and the reasons that mean they failed. */
const CHECKS = [
  ["found", ["no_card"]],
  ["sharp", ["too_small", "too_blurred"]],
  ["length", ["length"]],
  ["certain", ["uncertain_digit"]],
  ["checksum", ["checksum"]],
];
const MARKS = { passed: "✓", failed: "✕", skipped: "–" };

/**
 * @param {import("../reader/read.js").Reading} reading
 * @param {boolean} revealed
 * @param {import("./texts.js").Text} text
 * @returns {Element[]} list items
 */
export function stages(reading, revealed, text) {
  const { ms } = reading;
  const bodies = [
    ["locate", ms.decode + ms.locate, el("p", { class: "quiet" }, found(reading, text))],
    ["rectify", ms.rectify, band(reading, revealed, text)],
    ["recognise", ms.recognise, tiles(reading, revealed, text)],
    ["decide", ms.decide, checks(reading, text)],
  ];
  return bodies.map(([name, time, body], i) => {
    const step = el("span", { class: "step", "aria-hidden": "true" }, String(i + 1));
    const head = el("h3", {}, step, text(`stage_${name}`), el("span", { class: "ms" }, milliseconds(time)));
    return el("li", { class: `stage ${name}` }, head, body);
  });
}

function found({ lines }, text) {
  if (!lines.length) return text("locate_none");
  const height = Math.min(...lines.map((line) => line.height));
  return text("locate_found", { lines: lines.length, height: height.toFixed(0) });
}

function band(reading, revealed, text) {
  if (!reading.band) return el("p", { class: "quiet" }, text("rectify_none"));
  const canvas = el("canvas", { class: "band", role: "img", "aria-label": text("band") });
  drawBand(canvas, reading, revealed);
  return canvas;
}

function tiles(reading, revealed, text) {
  const { digits, groups } = reading;
  if (!digits.length) return el("p", { class: "quiet" }, text("recognise_none"));
  const open = firstOpen(reading, revealed);
  const all = digits.map(({ value, confidence }, i) => {
    const level = el("i");
    level.style.width = `${100 * confidence}%`;
    const label = el("span", { class: "sr" }, text("digit", { position: i + 1 }));
    const shown = i < open ? covered(text) : el("b", {}, value);
    const bar = el("span", { class: "bar", "aria-hidden": "true" }, level);
    return el("li", { class: "tile" }, label, shown, bar, el("small", {}, percent(confidence)));
  });
  let end = 0;
  const lists = groups.map((count) => el("ul", { class: "group" }, ...all.slice(end, (end += count))));
  return el("div", { class: "digits" }, ...lists);
}

function covered(text) {
  return el("b", {}, el("i", { "aria-hidden": "true" }, "•"), el("span", { class: "sr" }, text("covered")));
}

function checks({ reason }, text) {
  const failed = CHECKS.findIndex(([, reasons]) => reasons.includes(reason));
  const items = CHECKS.map(([name], i) => {
    const state = failed < 0 || i < failed ? "passed" : i === failed ? "failed" : "skipped";
    const mark = el("span", { class: "mark", "aria-hidden": "true" }, MARKS[state]);
    return el("li", { class: state }, mark, ` ${text(`check_${name}`)} `, el("small", {}, text(`check_${state}`)));
  });
  return el("ul", { class: "checks" }, ...items);
}
