/* From the detector's maps to lines of digits. */

import { fit, subset, turnOf } from "./fitting.js";
import { median, sum } from "./maths.js";

/** Frame pixels per cell of the detector's grid. */
export const STRIDE = 8;

/**
 * What the detector answers: six maps of one size after each other: logit of being on a number line, step in x and in
 * y to its centre line, log of the digit height (all three in units of `STRIDE`), cosine and sine of the direction.
 * @typedef {{data: Float32Array, width: number, height: number}} Maps
 */

/**
 * Lines of digits in one frame, the most visible first. Cells above the threshold vote with the nearest point of their
 * line; votes of one connected region are split where their density down the page has separate peaks; pieces that
 * continue each other are joined; each line is fitted by weighted least squares.
 *
 * @param {Maps} maps
 * @param {number} threshold - least probability of a voting cell
 * @returns {import("./geometry.js").NumberLine[]} in pixels of the frame
 */
export function fitLines(maps, threshold) {
  const { votes, cells } = votesOf(maps, threshold);
  const pieces = regions(cells, maps.width).flatMap((region) => rows(votes, region));
  const heavy = (piece) => sum(piece.map((i) => votes.weight[i]));
  const byWeight = (list) => list.sort((one, other) => heavy(other) - heavy(one));
  const found = joined(votes, byWeight(pieces.filter((piece) => piece.length >= 2)));
  return byWeight(found).map((piece) => fit(subset(votes, piece)));
}

/** @returns {{votes: import("./fitting.js").Votes, cells: number[]}} the votes, and the cell each one came from */
function votesOf({ data, width, height }, threshold) {
  const size = width * height, cells = [];
  const votes = { x: [], y: [], weight: [], height: [], cosine: [], sine: [] };
  for (let cell = 0; cell < size; cell++) {
    const probability = Math.fround(1 / (1 + Math.exp(-data[cell])));
    if (!(probability > threshold)) continue;
    cells.push(cell);
    votes.x.push(((cell % width) + 0.5 + data[size + cell]) * STRIDE);
    votes.y.push((Math.floor(cell / width) + 0.5 + data[2 * size + cell]) * STRIDE);
    votes.weight.push(probability);
    votes.height.push(Math.exp(data[3 * size + cell]) * STRIDE);
    votes.cosine.push(data[4 * size + cell]);
    votes.sine.push(data[5 * size + cell]);
  }
  return { votes, cells };
}

/**
 * Cells that touch each other, corners included.
 *
 * @param {number[]} cells - row by row
 * @param {number} width - of the grid
 * @returns {number[][]} indexes into `cells`; the region whose last cell comes first is first
 */
export function regions(cells, width) {
  const index = new Map(cells.map((cell, i) => [cell, i]));
  const seen = new Set(), found = [];
  for (let i = 0; i < cells.length; i++) {
    if (seen.has(i)) continue;
    const region = [i];
    seen.add(i);
    for (const at of region) {
      const x = cells[at] % width, row = cells[at] - x;
      for (let to = Math.max(x - 1, 0); to <= Math.min(x + 1, width - 1); to++) {
        for (const next of [row - width + to, row + to, row + width + to].map((cell) => index.get(cell))) {
          if (next === undefined || seen.has(next)) continue;
          seen.add(next);
          region.push(next);
        }
      }
    }
    found.push(region.sort((a, b) => a - b));
  }
  return found.sort((one, other) => one.at(-1) - other.at(-1));
}

/** Splits one region's votes into printed rows, at the peaks of their weighted density down the page. */
function rows(votes, region) {
  const part = subset(votes, region);
  const [, [turnX, turnY]] = turnOf(part);
  const down = part.x.map((x, i) => x * turnX + part.y[i] * turnY);
  const height = median(part.height);
  const first = Math.min(...down) - height, step = height / 8;
  const places = Math.ceil((Math.max(...down) + height - first) / step);
  const grid = Array.from({ length: places }, (_, k) => first + k * step);
  const near = (at, d) => Math.exp(-0.5 * ((at - d) / (0.2 * height)) ** 2);
  const density = grid.map((at) => sum(down.map((d, i) => part.weight[i] * near(at, d))));
  const least = 0.2 * Math.max(...density);
  const rises = (k) => density[k] > density[k - 1] && density[k] >= density[k + 1];
  const peaks = grid.filter((_, k) => rises(k) && density[k] > least);
  const found = peaks.map(() => []);
  down.forEach((d, i) => {
    const away = peaks.map((peak) => Math.abs(d - peak));
    const nearest = away.indexOf(Math.min(...away));
    if (nearest >= 0 && away[nearest] <= 0.5 * height) found[nearest].push(region[i]);
  });
  return found;
}

/** Joins pieces that continue each other: alike in height and direction, in line, less than 3 heights apart. */
function joined(votes, pieces) {
  const kept = pieces.map((cells) => ({ cells, line: fit(subset(votes, cells)) }));
  let index = 0;
  while (index < kept.length) {
    const partner = kept.findIndex(({ line }, k) => k > index && continues(kept[index].line, line));
    if (partner < 0) {
      index += 1;
      continue;
    }
    const [{ cells }] = kept.splice(partner, 1), all = [...kept[index].cells, ...cells];
    kept[index] = { cells: all, line: fit(subset(votes, all)) };
  }
  return kept.map(({ cells }) => cells);
}

function continues(line, other) {
  const length = line.length, [x, y] = line.left;
  const dx = (line.right[0] - x) / Math.max(length, 1e-6), dy = (line.right[1] - y) / Math.max(length, 1e-6);
  const ends = [other.left, other.right].map(([atX, atY]) => [atX - x, atY - y]);
  const along = ends.map(([a, b]) => a * dx + b * dy), across = ends.map(([a, b]) => b * dx - a * dy);
  const gap = Math.max(Math.min(...along) - length, -Math.max(...along), 0);
  const alike = other.height / line.height;
  if (!(alike > 0.67 && alike < 1.5) || gap >= 3 * line.height) return false;
  return across.every((away) => Math.abs(away) < 0.5 * line.height);
}
