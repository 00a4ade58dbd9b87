// Watch a race: curves, a row for each run, samples with a step slider, and how far each block moved.

import { drawCurves } from "./curves.js";
import { ask, bytes, count, fill, h, percent, time, words } from "./dom.js";
import { emptyHistory, fold, forgotten, latest, tokensPerSecond } from "./fold.js";
import { watch } from "./live.js";
import { scoredGuesses } from "./predict.js";
import { metricsPanel } from "./metrics.js";
import { drawMovement } from "./movement.js";
import { samplesPanel } from "./samples.js";

// Milliseconds between drawings: a tenth of one core at most, since on a laptop training needs the cores too.
const FRAME = [250, 700], SHARE = 10;
const OVER = ["finished", "stopped", "failed", "interrupted", "damaged"];
const BROKEN_OFF = ["stopped", "failed", "interrupted"];

// Show a race in a place; returns a function that takes it down again. `also` are the races of the same set-up with
// other seeds, this one among them.
export async function showBoard(place, race, onLeave, also = []) {
  const board = await ask(`/api/races/${encodeURIComponent(race)}`);
  const runs = board.runs.map((run) => ({ ...run, history: emptyHistory(run.run), state: "queued", place: 0, hint: "" }));
  const page = { board, runs, byId: new Map(runs.map((run) => [run.run, run])), parts: build(place, board, onLeave, also) };
  const samples = samplesPanel(page.parts.samples, runs);
  page.drawMetrics = metricsPanel(page.parts.metrics, runs, board);
  const act = actions(page);
  drawTable(page, act);

  let isDirty = true;
  const end = watch(race, ({ events, runs: states }) => {
    for (const event of events) if (page.byId.has(event.run)) fold(page.byId.get(event.run).history, [event]);
    for (const state of states) Object.assign(page.byId.get(state.run) ?? {}, { state: state.state, place: state.place, hint: state.hint, isWarm: state.is_warm });
    isDirty = true;
  }, (isLinked) => (page.parts.link.textContent = isLinked ? "" : "The connection is lost; trying again. Nothing is lost."));

  let timer = setTimeout(frame, 0);
  function frame() {
    const began = performance.now();
    if (isDirty && place.offsetParent) { // something is new, and somebody sees it
      isDirty = false;
      draw(page, act, samples);
    }
    timer = setTimeout(frame, Math.min(FRAME[1], Math.max(FRAME[0], SHARE * (performance.now() - began))));
  }
  return () => {
    clearTimeout(timer);
    end();
  };
}

function build(place, board, onLeave, also) {
  const parts = Object.fromEntries(["status", "link", "notes", "curves", "table", "metrics", "samples", "movement", "findings", "buttons"].map((name) => [name, h("div", { class: `board-${name}` })]));
  for (const name of ["status", "link"]) parts[name].setAttribute("aria-live", "polite");
  fill(
    place,
    h("section", { class: "card" },
      h("h2", {}, `${board.runs.length} ways of tuning ${board.model} on ${words(board.task)}`),
      parts.status, seedLinks(board.race, also), parts.link, parts.buttons, parts.notes, parts.findings),
    h("section", { class: "card" }, h("h3", {}, "Runs"), h("p", { class: "soft" }, `Held-out loss: how surprised the model is by the right answer, in ${board.loss_unit}; lower is better.`), parts.table, parts.metrics),
    h("section", { class: "card" }, h("h3", {}, "Curves"), parts.curves),
    h("section", { class: "card" }, h("h3", {}, "Samples"), parts.samples),
    h("section", { class: "card" }, h("h3", {}, "How far each part of the model moved"), parts.movement),
  );
  parts.onLeave = onLeave;
  return parts;
}

// Links to the races of the other seeds, which queue up behind each other.
function seedLinks(race, also) {
  if (also.length < 2) return null;
  const link = (other, place) => other === race
    ? h("strong", {}, ` ${place + 1}`)
    : h("a", { href: `?${new URLSearchParams({ race: other, also: also.join() })}` }, ` ${place + 1}`);
  return h("p", { class: "soft" }, `One race for each of ${also.length} seeds, one after the other: `, also.map(link), ". When all are over, Compare shows their mean and spread.");
}

function actions(page) {
  const tell = (error) => (page.parts.link.textContent = error.message);
  return {
    stop: (runs) => ask("/api/runs/stop", runs).catch(tell),
    goOn: (runs) => ask("/api/runs/go-on", runs).catch(tell),
    extend: (runs, steps) => ask("/api/runs/extend", { runs, steps }).catch(tell),
    change: (run) => page.parts.onLeave([page.board.specs[page.runs.indexOf(run)]]),
  };
}

function draw(page, act, samples) {
  const { parts, runs, board } = page;
  parts.status.textContent = status(runs);
  drawButtons(page, act);
  drawTable(page, act);
  page.drawMetrics();
  drawCurves(parts.curves, runs, board);
  samples.draw();
  drawMovement(parts.movement, runs);
  fill(parts.notes, runs.filter((run) => run.hint || run.history.error).map((run) =>
    h("p", { class: "problem", role: "alert" }, `${run.label}: ${run.hint || `${run.history.error} ${run.history.hint}`}`)));
  tellFindings(page);
}

function status(runs) {
  const queued = runs.filter((run) => run.state === "queued");
  if (queued.length === runs.length) {
    const place = queued[0].place;
    if (place > 1) return `Waiting: ${place - 1} race${place > 2 ? "s" : ""} before this one.`;
    return queued[0].isWarm === false ? "The trainer is getting warm; the race starts in a few seconds." : "About to start.";
  }
  const going = runs.filter((run) => run.state === "running");
  if (!going.length && !queued.length) return "The race is over.";
  const left = secondsLeft(runs);
  return `${going.length} of ${runs.length} runs are going${left ? `, about ${time(left)} left` : ""}.`;
}

// Seconds until the slowest run that is going will be done.
const secondsLeft = (runs) => Math.max(0, ...runs.filter((run) => run.state === "running").map(runSecondsLeft));

// From the pace of a run since the first of its steps that was seen; 0 while that is too short to tell.
function runSecondsLeft(run) {
  const { step, steps } = run.history, now = performance.now() / 1000;
  if (run.pace === undefined || step < run.pace.step) run.pace = { now, step };
  const pace = (step - run.pace.step) / (now - run.pace.now);
  return pace > 0 && now - run.pace.now > 2 ? (steps - step) / pace : 0;
}

function drawButtons(page, act) {
  const { parts, runs } = page;
  const active = runs.filter((run) => !OVER.includes(run.state)), broken = runs.filter((run) => BROKEN_OFF.includes(run.state));
  const finished = runs.filter((run) => run.state === "finished" && run.trains);
  const key = `${active.length} ${broken.length} ${finished.length}`;
  if (parts.buttons.dataset.key === key) return;
  parts.buttons.dataset.key = key;
  const ids = (chosen) => chosen.map((run) => run.run);
  fill(parts.buttons,
    active.length ? h("button", { type: "button", onclick: () => act.stop(ids(active)) }, "Stop all") : null,
    broken.length && !active.length ? h("button", { type: "button", onclick: () => act.goOn(ids(broken)) }, "Go on from the last checkpoint") : null,
    finished.length && !active.length ? moreSteps(page, (steps) => act.extend(ids(finished), steps)) : null,
    h("button", { type: "button", onclick: () => parts.onLeave(page.board.specs) }, "Change something and race again"),
    active.length ? null : h("a", { class: "button", href: `/api/races/${encodeURIComponent(page.board.race)}/report`, download: true }, "Report"));
}

// A number of steps, and a button that adds them to all finished runs.
function moreSteps({ board }, onAdd) {
  const input = h("input", { type: "number", id: "more-steps", min: 1, max: 100000, step: 1, required: true, value: String(board.steps) });
  return h("form", { class: "inline", onsubmit: (event) => {
    event.preventDefault();
    onAdd(Number(input.value));
  } }, h("label", { for: "more-steps" }, "Steps to add"), input, h("button", {}, "Train longer"));
}

const COLUMNS = [
  ["state", (run) => stateText(run)],
  ["step", (run) => (run.history.steps ? `${run.history.step} / ${run.history.steps}` : "")],
  ["held-out loss", (run) => number(latest(run.history.evaluations))],
  ["score", (run, board) => number(latest(run.history.scores)?.[board.metric])],
  ["forgets", (run) => signed(latest(forgotten(run.history)))],
  ["moving numbers", (run) => (run.history.counts.total ? `${count(run.history.counts.trainable)} (${percent(run.history.counts.percent)})` : "")],
  ["tokens/s", (run) => (run.history.tokens ? count(tokensPerSecond(run.history)) : "")],
  ["memory (predicted)", (run) => (run.history.peakMemory ? `${bytes(run.history.peakMemory)} (${bytes(run.predicted_memory)})` : "")],
  ["seconds", (run) => (run.history.seconds ? run.history.seconds.toFixed(1) : "")],
];

// The table is built once and its cells are rewritten, so that a button keeps the focus.
function drawTable(page, act) {
  const { parts, runs, board } = page;
  if (!page.cells) {
    page.cells = new Map();
    const heads = ["run", ...COLUMNS.map(([name]) => (name === "score" ? words(board.metric || "score") : name)), "actions"];
    const rows = runs.map((run) => {
      const cells = COLUMNS.map(() => h("span", {}));
      const bar = h("progress", { max: 1, value: 0, "aria-label": `Progress of ${run.label}`, style: `--method:${run.style.colour}` });
      const action = h("td", {});
      page.cells.set(run.run, { cells, bar, action });
      const swatch = h("span", { class: "swatch", style: `background:${run.style.colour}` });
      return h("tr", {}, h("th", { scope: "row" }, swatch, run.label),
        cells.map((cell, place) => h("td", {}, cell, COLUMNS[place][0] === "step" && run.trains ? bar : null)), action);
    });
    fill(parts.table, h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": "Runs" }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows))));
  }
  for (const run of runs) {
    const { cells, bar, action } = page.cells.get(run.run);
    bar.value = run.history.steps ? run.history.step / run.history.steps : 0;
    COLUMNS.forEach(([, text], place) => {
      const shown = text(run, board);
      if (cells[place].textContent !== shown) cells[place].textContent = shown;
    });
    drawAction(action, run, act);
  }
}

function drawAction(cell, run, act) {
  const isOver = OVER.includes(run.state), hasWeights = isOver && run.history.artifact && run.trains;
  const kind = `${isOver} ${hasWeights}`;
  if (cell.dataset.kind === kind) return;
  cell.dataset.kind = kind;
  fill(cell,
    isOver ? null : h("button", { type: "button", "aria-label": `Stop ${run.label}`, onclick: () => act.stop([run.run]) }, "Stop"),
    hasWeights ? h("a", { class: "button", href: `/api/runs/${run.run}/weights`, download: true, "aria-label": `Download what ${run.label} learned` }, "Download") : null,
    isOver ? h("button", { type: "button", "aria-label": `Race ${run.label} again with another knob`, onclick: () => act.change(run) }, "Turn a knob") : null);
}

function stateText(run) {
  if (run.state === "queued" && run.place) return `waits, place ${run.place}`;
  const left = run.state === "running" ? runSecondsLeft(run) : 0;
  return left ? `${run.state}, ${time(left)} left` : run.state;
}

// The sentences come from the server, which has the rules for them; asked once when the race is over.
async function tellFindings(page) {
  const isOver = page.runs.every((run) => OVER.includes(run.state));
  if (!isOver || page.isTold) {
    if (!isOver) page.isTold = false;
    return;
  }
  page.isTold = true;
  const sentences = await ask(`/api/races/${encodeURIComponent(page.board.race)}/findings`).catch(() => []);
  fill(page.parts.findings, scoredGuesses(page.board.race, page.runs), h("ul", {}, sentences.map((sentence) => h("li", {}, sentence))));
}

const number = (value) => (value === null || value === undefined ? "" : value.toFixed(3));
const signed = (value) => (value === null || value === undefined ? "" : (value >= 0 ? "+" : "") + value.toFixed(3));
