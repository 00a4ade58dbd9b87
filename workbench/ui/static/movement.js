// How far each part of the model moved, ||dW|| / ||W||, as a heat map on one scale for all runs.

import { fill, h } from "./dom.js";
import { latest } from "./fold.js";

export function drawMovement(place, runs) {
  const moved = runs.map((run) => [run, latest(run.history.movement)]).filter(([, parts]) => parts && Object.keys(parts).length);
  const key = moved.map(([run, parts]) => run.run + JSON.stringify(parts)).join();
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  if (!moved.length) return fill(place, h("p", { class: "soft" }, "Nothing has moved yet."));
  const names = [...new Set(moved.flatMap(([, parts]) => Object.keys(parts)))].sort(inModelOrder);
  const values = moved.flatMap(([, parts]) => Object.values(parts)).filter((value) => value > 0);
  const scale = { low: Math.log(Math.min(...values, 1e-2)), high: Math.log(Math.max(...values, 1e-2)) };
  const head = h("tr", {}, h("th", { scope: "col" }, "run"), names.map((name) => h("th", { scope: "col" }, name)));
  const rows = moved.map(([run, parts]) => h("tr", {}, h("th", { scope: "row" }, run.label), names.map((name) => cell(run, parts[name], scale))));
  return fill(place, h("p", { class: "soft" }, "Change of the weights over their size, ||dW|| / ||W||; the longer the bar, the further, on one logarithmic scale for all."),
    h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Movement" }, h("table", { class: "heat" }, h("thead", {}, head), h("tbody", {}, rows))));
}

function cell(run, value, scale) {
  if (value === undefined) return h("td", { class: "soft" }, "frozen");
  const share = value > 0 ? (Math.log(value) - scale.low) / Math.max(1e-9, scale.high - scale.low) : 0;
  return h("td", { style: `--fill:${(value > 0 ? 4 + 96 * share : 0).toFixed(1)}%;--method:${run.style.colour}` }, h("span", { class: "bar" }), h("span", {}, value.toFixed(3)));
}

function inModelOrder(a, b) {
  const rank = (name) => (name === "head" ? 1e6 : name.startsWith("block ") ? Number(name.slice(6)) : -1);
  return rank(a) - rank(b) || a.localeCompare(b);
}
