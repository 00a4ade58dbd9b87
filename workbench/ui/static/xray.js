// The model drawn as its real blocks: frozen parts grey, trained or added parts in the method's colour.

import { bytes, count, fill, h, words } from "./dom.js";

const BEFORE = ["soft_prompt", "prefix", "embedding", "position_embedding", "embedding_norm", "embedding_projection"];

// Draw the pieces of an estimate into a place, with its notes below; `colour` is the method's.
export function drawXray(place, title, { pieces, notes }, colour) {
  const told = h("p", { class: "told", "aria-live": "polite" }, "Point at a part, or tap it, to see its shape, size and formula.");
  const tell = (cell) => (told.textContent = describe(cell));
  const outside = cells(pieces.filter((piece) => piece.block === null));
  const depth = 1 + Math.max(-1, ...pieces.map((piece) => piece.block ?? -1));
  const rows = [
    row("before the blocks", outside.filter((cell) => BEFORE.includes(cell.role)), tell),
    ...Array.from({ length: depth }, (_, block) => row(`block ${block}`, cells(pieces.filter((piece) => piece.block === block)), tell)),
    row("after the blocks", outside.filter((cell) => !BEFORE.includes(cell.role)), tell),
  ];
  fill(place, h("h4", {}, title), h("div", { class: "xray", style: `--method:${colour}` }, rows), told, notes.map((note) => h("p", { class: "soft" }, note)));
}

// One cell for each role: its pieces together.
function cells(pieces) {
  const roles = new Map();
  for (const piece of pieces) roles.set(piece.role, [...(roles.get(piece.role) ?? []), piece]);
  return [...roles].map(([role, held]) => ({ role, pieces: held, moving: held.filter((piece) => piece.state !== "frozen") }));
}

function row(name, held, tell) {
  if (!held.length) return null;
  const parts = held.map((cell) => {
    const isWhole = cell.moving.some((piece) => piece.state === "trained");
    const kind = cell.moving.length ? (isWhole ? "trained" : "added") : "frozen";
    const show = () => tell(cell);
    return h("button", {
      type: "button", class: `part ${kind}`, "aria-label": describe(cell), onclick: show, onfocus: show, onmouseenter: show,
    }, short(cell.role));
  });
  return h("div", { class: "row" }, h("span", { class: "name" }, name), h("div", { class: "parts" }, parts));
}

function describe(cell) {
  const total = sum(cell.pieces), moving = sum(cell.moving);
  const shapes = (cell.moving.length ? cell.moving : cell.pieces)
    .map((piece) => `${piece.shape.join(" x ")}${piece.formula ? ` (${piece.formula})` : ""}`);
  const state = moving ? `${count(moving)} of ${count(total)} numbers move` : `${count(total)} numbers, frozen`;
  return `${words(cell.role)}: ${state}; ${[...new Set(shapes)].slice(0, 4).join(", ")}; ${bytes(4 * total)}`;
}

const sum = (pieces) => pieces.reduce((total, piece) => total + piece.count, 0);

function short(role) {
  return words(role).replace("attention ", "").replace("feed forward ", "ff ").replace(" embedding", "");
}
