// The table of runs: heads that sort, a line for each run that is rewritten in place, so that a button keeps the focus.

import { fill, h, words } from "./dom.js";
import { arrange, editor, listed } from "./edit.js";
import { COLUMNS, labelOf, sorted } from "./sift.js";

export const OVER = ["finished", "stopped", "failed", "interrupted", "damaged"];
const LIMITS = { name: "At most 80 characters; empty: its method.", tags: "Commas between; at most 10, of 30 characters each." }; // runs/labels.py
const WEIGHTS = { peft: ["PEFT folder", "loads with PeftModel.from_pretrained"], plain: ["Weights", "safetensors, by the names of the base model"] };

// `act` has {label(run, change), lost(), remove(rows), chose()}; `draw(rows, all)` shows these of all runs.
export function runTable(act) {
  const table = { act, by: "created", isDown: true, chosen: new Set(), lines: new Map(), rows: [], all: [], heads: new Map() };
  table.whole = h("input", { type: "checkbox", "aria-label": "Choose all that are shown", onchange: () => chooseAll(table) });
  table.body = h("tbody", { role: "rowgroup" });
  const heads = COLUMNS.map(([head, , isDownFirst]) => headOf(table, head, isDownFirst));
  // The roles are spelled out since a phone shows the lines as cards, which would take a table's meaning away.
  table.element = h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Your runs" },
    h("table", { class: "runs-table", role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, h("th", { scope: "col", role: "columnheader" }, table.whole), heads, h("th", { scope: "col", role: "columnheader" }, "actions"))), table.body));
  table.draw = (rows, all) => draw(table, rows, all);
  return table;
}

function headOf(table, head, isDownFirst = false) {
  const arrow = h("span", { "aria-hidden": "true" });
  const button = h("button", { type: "button", class: "link", onclick: () => {
    table.isDown = table.by === head ? !table.isDown : isDownFirst;
    table.by = head;
    table.draw(table.rows, table.all);
  } }, head, arrow);
  const element = h("th", { scope: "col", role: "columnheader" }, button);
  table.heads.set(head, { element, arrow });
  return element;
}

function draw(table, rows, all) {
  Object.assign(table, { rows, all, busy: new Set(all.filter((row) => !OVER.includes(row.state)).map((row) => row.race)) });
  for (const [head, { element, arrow }] of table.heads) {
    const isIt = head === table.by;
    element.setAttribute("aria-sort", isIt ? (table.isDown ? "descending" : "ascending") : "none");
    arrow.textContent = isIt ? (table.isDown ? " \u2193" : " \u2191") : "";
  }
  const known = new Set(all.map((row) => row.run)), shown = new Set(rows.map((row) => row.run));
  for (const run of table.lines.keys()) if (!known.has(run)) table.lines.delete(run);
  for (const run of table.chosen) if (!shown.has(run)) table.chosen.delete(run); // nothing unseen is deleted
  arrange(table.body, sorted(rows, table.by, table.isDown).map((row) => {
    if (!table.lines.has(row.run)) table.lines.set(row.run, makeLine(table));
    const line = table.lines.get(row.run);
    line.update(row);
    return line.element;
  }));
  table.whole.checked = rows.length > 0 && table.chosen.size === rows.length;
  table.whole.indeterminate = table.chosen.size > 0 && !table.whole.checked;
}

function chooseAll(table) {
  table.chosen = new Set(table.whole.checked ? table.rows.map((row) => row.run) : []);
  table.draw(table.rows, table.all);
  table.act.chose();
}

function makeLine(table) {
  const choose = h("input", { type: "checkbox", onchange: () => {
    table.chosen[choose.checked ? "add" : "delete"](line.row.run);
    table.draw(table.rows, table.all);
    table.act.chose();
  } });
  const cells = { name: h("th", { scope: "row", role: "rowheader" }) };
  for (const name of ["state", "loss", "task", "model", "created", "tags", "actions"]) cells[name] = h("td", { role: "cell", class: name, "data-head": name === "loss" ? "held-out loss" : name });
  const line = { row: null, editing: new Set(), cells, choose };
  line.element = h("tr", { role: "row" }, h("td", { role: "cell", class: "choose" }, choose), Object.values(cells));
  line.update = (row) => update(table, line, row);
  return line;
}

function update(table, line, row) {
  line.row = row;
  const label = labelOf(row), { cells } = line;
  line.choose.checked = table.chosen.has(row.run);
  line.choose.setAttribute("aria-label", `Choose ${label}`);
  const method = `${row.method}, seed ${row.seed}`;
  put(line, "name", [label, method], () => [
    h("a", { href: `?race=${encodeURIComponent(row.race)}`, dir: "auto" }, label), row.name ? h("small", {}, method) : null,
    h("button", { type: "button", class: "link", "aria-label": `Rename ${label}`, onclick: () => rename(table, line) }, "Rename")]);
  const told = { state: row.state === "running" ? `running, ${row.step} / ${row.steps}` : row.state, loss: row.loss === null ? "" : row.loss.toFixed(3), task: words(row.task), model: row.model, created: row.created.slice(0, 16).replace("T", " ") };
  for (const [name, text] of Object.entries(told)) put(line, name, [text], () => [text]);
  put(line, "tags", [label, ...row.tags], () => [
    row.tags.map((tag) => h("span", { class: "tag", dir: "auto" }, tag)),
    h("button", { type: "button", class: "link", "aria-label": `Tag ${label}`, onclick: () => retag(table, line) }, "Tag")]);
  const isOver = OVER.includes(row.state), hasReport = !table.busy.has(row.race);
  put(line, "actions", [label, row.state, hasReport, row.weights], () => (isOver ? actions(table, line, label, hasReport) : []));
}

// Fill a cell anew where what it tells has changed and nobody is writing in it.
function put(line, name, told, make) {
  const key = JSON.stringify(told), cell = line.cells[name];
  if (line.editing.has(name) || cell.told === key) return;
  cell.told = key;
  fill(cell, make());
}

function actions(table, line, label, hasReport) {
  const run = encodeURIComponent(line.row.run), [weights, title] = WEIGHTS[line.row.weights] ?? [];
  const take = (what, href, title) => h("a", { href, download: "", title, "aria-label": `${what} of ${label}` }, what);
  return [
    take("Run folder", `/api/runs/${run}/zip`, "a zip that can be handed in"),
    weights ? take(weights, `/api/runs/${run}/weights`, title) : null,
    line.row.state === "finished" ? take("Open as notebook", `/api/runs/${run}/notebook`, "repeats the run, with the workbench and in plain PyTorch and PEFT") : null,
    hasReport ? take("Report", `/api/races/${encodeURIComponent(line.row.race)}/report`, "the whole race as one HTML file") : null,
    h("button", { type: "button", class: "link", "aria-label": `Delete ${label}`, onclick: () => table.act.remove([line.row]) }, "Delete")];
}

function rename(table, line) {
  edit(table, line, "name", "Name of the run", line.row.name, (text) => ({ name: text }));
}

function retag(table, line) {
  edit(table, line, "tags", "Tags", line.row.tags.join(", "), (text) => ({ tags: listed(text) }));
}

// Write in a cell; afterwards the focus is on the button that led there.
function edit(table, line, name, label, value, changeOf) {
  const cell = line.cells[name];
  line.editing.add(name);
  fill(cell, editor({
    label, value, hint: LIMITS[name], save: (text) => table.act.label(line.row.run, changeOf(text)), close: () => {
      line.editing.delete(name);
      cell.told = "";
      line.update(line.row);
      if (cell.isConnected) cell.querySelector("button").focus();
      else table.act.lost();
    },
  }));
}
