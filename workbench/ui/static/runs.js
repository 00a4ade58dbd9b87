// The Runs tab: the queue, and all runs to find, name, tag, delete with undo, take away and hand in.

import { ask, copied, fill, h, words } from "./dom.js";
import { editor, listed } from "./edit.js";
import { asConnection } from "./link.js";
import { queuePanel } from "./queue.js";
import { OVER, runTable } from "./runtable.js";
import { FILTERS, labelOf, offered, sifted } from "./sift.js";

const SHOWN = 200;
const MOST_COMPARED = 24; // server/comparison.py
const NOTEBOOK = "Use in a notebook";
const EVERY = 3000; // milliseconds between looks, while the tab is seen and something goes or waits

export async function mount(element) {
  const place = element.querySelector(".runs") ?? element;
  const page = { place, rows: null, queue: null, picked: {}, turn: 0, timer: 0 };
  build(page);
  const look = () => isSeen(page) && refresh(page);
  new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && look()).observe(place);
  document.addEventListener("visibilitychange", look);
}

function build(page) {
  for (const name of ["told", "link", "count"]) page[name] = h("p", { "aria-live": "polite", tabIndex: -1 });
  page.link.className = "problem";
  page.count.textContent = "Loading your runs ...";
  for (const name of ["undo", "rest"]) page[name] = h("div", { class: `runs-${name}` });
  page.search = h("input", { type: "search", id: "run-search", oninput: () => draw(page) });
  page.selects = new Map(FILTERS.map(([name]) => [name, h("select", { id: `run-${name}`, onchange: (event) => pick(page, name, event.target.value) })]));
  page.queuePanel = queuePanel((runs, told) => change(page, "/api/runs/stop", runs, told));
  page.table = runTable({
    label: (run, said) => ask("/api/runs/label", { run, ...said }).then(() => refresh(page)),
    lost: () => say(page, "It is kept, but does not fit what you look for."),
    remove: (rows) => remove(page, rows),
    chose: () => drawChosen(page),
  });
  page.table.element.hidden = true; // until its rows are here
  page.chosen = chosenBar(page);
  page.clear = h("button", { type: "button", class: "link", hidden: true, onclick: () => clear(page) }, "Show all");
  const hand = h("input", { type: "file", id: "run-import", accept: ".zip", onchange: (event) => takeIn(page, event.target) });
  fill(page.place, page.queuePanel.element, h("section", { class: "card" },
    h("h2", {}, "Runs"),
    h("div", { class: "slider" }, pair("Find", page.search), [...page.selects].map(([name, select]) => pair(name[0].toUpperCase() + name.slice(1), select))),
    h("div", { class: "slider" }, pair("Hand in a zip", hand), h("button", { type: "button", onclick: () => refresh(page) }, "Refresh"),
      h("button", { type: "button", title: "Copy two lines of Python that give a notebook these runs", onclick: (event) => connect(page, event.target) }, NOTEBOOK)),
    page.link, page.told, page.undo, h("div", { class: "slider" }, page.count, page.clear), page.chosen, page.table.element, page.rest));
}

const pair = (label, field) => h("span", { class: "pair" }, h("label", { for: field.id }, label), field);
const isSeen = (page) => !document.hidden && page.place.offsetParent !== null;
const activeOf = (rows) => rows.filter((row) => !OVER.includes(row.state)).map((row) => row.run).sort().join(" ");

// Ask for everything; whoever asked last is heard.
async function refresh(page) {
  await hear(page, async () => Promise.all([ask("/api/runs"), ask("/api/queue")]));
}

// Ask for what goes and waits; for everything where something began or ended.
async function look(page) {
  if (!isSeen(page)) return;
  await hear(page, async () => {
    const queue = await ask("/api/queue");
    if (activeOf(queue.runs) !== activeOf(page.rows)) return [await ask("/api/runs"), queue];
    const news = new Map(queue.runs.map((row) => [row.run, row]));
    return [page.rows.map((row) => news.get(row.run) ?? row), queue];
  });
}

async function hear(page, question) {
  const turn = ++page.turn;
  clearTimeout(page.timer);
  try {
    const answer = await question();
    if (turn !== page.turn) return;
    [page.rows, page.queue] = answer;
    page.link.textContent = "";
  } catch (error) {
    if (turn !== page.turn) return;
    page.link.textContent = error.message;
  }
  draw(page);
  const queue = page.queue;
  const isActive = queue && (queue.going || queue.waiting.length || queue.others_waiting || queue.runs.length);
  if (isActive) page.timer = setTimeout(() => look(page), EVERY);
}

function draw(page) {
  if (!page.rows) return; // they are on their way
  page.queuePanel.draw(page.queue, page.rows);
  for (const [name, valuesOf] of FILTERS) drawSelect(page, name, offered(page.rows, valuesOf));
  const found = sifted(page.rows, page.search.value, page.picked);
  const isWhole = found.length === page.rows.length;
  page.clear.hidden = isWhole;
  page.count.textContent = !page.rows.length ? "There are no runs yet. Start a race." : !found.length ? "No run fits." : isWhole ? "" : `${found.length} of ${page.rows.length} runs.`;
  page.table.element.hidden = !found.length;
  page.table.draw(found.slice(0, SHOWN), page.rows);
  fill(page.rest, found.length > SHOWN ? h("p", { class: "soft" }, `${found.length - SHOWN} more; find words narrow the list.`) : null);
  drawChosen(page);
}

function drawSelect(page, name, values) {
  const select = page.selects.get(name), key = JSON.stringify(values);
  if (select.told === key) return;
  select.told = key;
  if (!values.some(([value]) => value === page.picked[name])) page.picked[name] = "";
  fill(select, h("option", { value: "" }, "any"), values.map(([value, runs]) => h("option", { value }, `${name === "task" ? words(value) : value} (${runs})`)));
  select.value = page.picked[name];
}

function pick(page, name, value) {
  page.picked[name] = value;
  draw(page);
}

function clear(page) {
  page.picked = {};
  page.search.value = "";
  for (const select of page.selects.values()) select.value = "";
  draw(page);
  page.search.focus();
}

const chosenRows = (page) => page.rows.filter((row) => page.table.chosen.has(row.run));

// What can be done with several.
function chosenBar(page) {
  page.chosenCount = h("strong", { "aria-live": "polite" });
  page.compare = h("a", { class: "button", download: "" }, "Compare these in a report");
  page.tagging = h("div");
  return h("div", { hidden: true }, h("div", { class: "slider" }, page.chosenCount,
    page.compare, h("button", { type: "button", onclick: (event) => tagAll(page, event.target) }, "Add tags"),
    h("button", { type: "button", onclick: () => remove(page, chosenRows(page)) }, "Delete the chosen"),
    h("button", { type: "button", class: "link", onclick: () => chooseNone(page) }, "Choose none")), page.tagging);
}

function drawChosen(page) {
  const rows = chosenRows(page), size = rows.length;
  page.compare.href = `/api/compare/report?${new URLSearchParams(rows.map((row) => ["run", row.run]))}`;
  page.compare.hidden = size > MOST_COMPARED || rows.some((row) => !OVER.includes(row.state));
  page.chosen.hidden = !size;
  page.chosenCount.textContent = `${size} chosen`;
}

function chooseNone(page) {
  page.table.chosen.clear();
  draw(page);
  say(page, "None is chosen.");
}

function tagAll(page, button) {
  fill(page.tagging, editor({
    label: "Tags to add", hint: "Commas between; the tags that the chosen runs have stay.", value: "", close: () => {
      fill(page.tagging);
      button.focus();
    },
    save: (text) => tag(page, listed(text)),
  }));
}

async function tag(page, tags) {
  try {
    for (const row of chosenRows(page)) await ask("/api/runs/label", { run: row.run, tags: [...new Set([...row.tags, ...tags])] });
  } finally { // some may have got them before one was refused
    await refresh(page);
  }
}

// Do it, say what came of it and show the list anew; tells whether it could be done.
async function change(page, path, body, told = "") {
  let isDone = true;
  try {
    await ask(path, body);
    page.told.textContent = told;
  } catch (error) {
    page.told.textContent = error.message;
    isDone = false;
  }
  await refresh(page);
  if (document.activeElement === document.body) page.told.focus(); // its button is gone
  return isDone;
}

function say(page, text) {
  page.told.textContent = text;
  page.told.focus();
}

async function remove(page, rows) {
  const runs = rows.map((row) => row.run);
  const said = rows.length === 1 ? `${labelOf(rows[0])} is deleted.` : `${rows.length} runs are deleted.`;
  if (!(await change(page, "/api/runs/delete", runs))) return;
  const told = rows.length === 1 ? [h("bdi", {}, labelOf(rows[0])), " is deleted."] : said;
  const note = h("p", {}, h("span", { role: "status" }, told), " ", h("button", { type: "button", "aria-label": `Undo: ${said}`, onclick: () => bringBack(page, note, runs) }, "Undo"));
  page.undo.prepend(note);
  note.querySelector("button").focus();
}

async function bringBack(page, note, runs) {
  if (await change(page, "/api/runs/restore", runs, runs.length === 1 ? "It is back." : "They are back.")) {
    note.remove();
    page.told.focus();
  }
}

// Copy what a notebook's cell needs to reach this server as the one who asks.
async function connect(page, button) {
  try {
    const { token } = await ask("/api/token");
    await copied(button, NOTEBOOK, asConnection(location.origin, token));
    page.told.textContent = token ? "Copied. The token in it opens your runs: keep it to yourself." : "Copied.";
  } catch (error) {
    page.told.textContent = error.message;
  }
}

async function takeIn(page, input) {
  const [file] = input.files;
  if (!file) return;
  page.told.textContent = "Looking at the file ...";
  await change(page, "/api/runs/import", file, "It is in the list.");
  input.value = "";
}
