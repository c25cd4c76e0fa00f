/* The decision, the number and the reason, or why a picture could not be read at all. */

import { shownNumber } from "./covering.js";
import { el } from "./dom.js";

/** @typedef {import("../reader/read.js").Reading} Reading */
/** @typedef {import("./texts.js").Text} Text */

/** One decimal, rounded down so that no doubt is rounded away. @param {number} probability */
export const percent = (probability) => `${(Math.floor(probability * 1000) / 10).toFixed(1)} %`;

/** As many decimals as a time deserves. @param {number} value */
export function milliseconds(value) {
  if (value < 0.1) return "< 0.1 ms";
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** Milliseconds of all stages of a reading together. @param {Reading} reading */
export const total = ({ ms }) => Object.values(ms).reduce((sum, one) => sum + one, 0);

/**
 * @param {Reading} reading
 * @param {boolean} revealed
 * @param {?number} frames - how many frames of a camera agreed; null for a picture
 * @param {Text} text
 * @param {() => void} toggle - shows the number or covers it again
 * @returns {Element}
 */
export function verdict(reading, revealed, frames, text, toggle) {
  const { decision, digits } = reading;
  const section = el("div", { class: `verdict ${decision}` });
  section.append(badge(decision === "accepted" ? "✓" : "✕", text(decision)));
  if (digits.length) {
    section.append(el("p", { class: "label" }, text(numberLabel(decision, revealed))));
    section.append(number(shownNumber(reading, revealed)));
  }
  section.append(el("p", { class: "reason" }, reason(reading, text)));
  if (frames) section.append(el("p", { class: "quiet" }, text("frames", { frames })));
  if (digits.length) {
    const button = el("button", { type: "button", id: "reveal" }, text(revealed ? "hide" : "reveal"));
    button.addEventListener("click", toggle);
    section.append(button);
  }
  const facts = [
    ["confidence", percent(reading.confidence)],
    ["time", milliseconds(total(reading))],
    ["layout", reading.groups.join("-") || "–"],
  ];
  const fact = ([key, value]) => el("div", {}, el("dt", {}, text(key)), el("dd", {}, value));
  section.append(el("dl", { class: "facts" }, ...facts.map(fact)));
  return section;
}

const badge = (mark, words) => el("p", { class: "badge" }, el("span", { "aria-hidden": "true" }, mark), ` ${words}`);

const number = (shown) => el("p", { class: "number" }, ...shown.split(" ").map((group) => el("span", {}, group)));

function numberLabel(decision, revealed) {
  if (decision === "rejected") return revealed ? "number_unconfirmed" : "number_covered";
  return revealed ? "number_shown" : "number_masked";
}

/** The reason in words a person can act on. */
function reason({ reason: code, digits }, text) {
  const weakest = digits.reduce((least, digit, i) => (digit.confidence < digits[least].confidence ? i : least), 0);
  return text(`reason_${code}`, { count: digits.length, position: weakest + 1 });
}

/** @param {string} message @param {Text} text @returns {Element} */
export function failure(message, text) {
  const words = el("p", { class: "reason" }, message);
  return el("div", { class: "verdict rejected", role: "alert" }, badge("!", text("problem")), words);
}

/** What stands there before the first answer. @param {string} message @returns {Element} */
export const waiting = (message) => el("div", { class: "verdict empty" }, el("p", { class: "reason" }, message));
