// Set a race up: base model, task, methods, budget; what it would take is told as the knobs move.

import { ask, bytes, copied, count, fill, h, percent, settled, time, words } from "./dom.js";
import { knobForm } from "./knobs.js";
import { asCommand, asPython, WORDS, writeLink } from "./link.js";
import { ownData } from "./own_data.js";
import { askGuesses } from "./predict.js";
import { findRates } from "./rates.js";
import { drawXray } from "./xray.js";

const FIRST = ["none", "full", "adapter", "prefix", "prompt", "lora"];
const PROBE = "feature_based";
const SHOWN_BUDGET = ["steps", "batch_size", "examples", "evaluate_every", "sample_every", "precision"];

// Build the form in a place. `link` is what the address says; onStart gets the specs of the race, a list for each seed.
export function setUp(place, menu, link, onStart) {
  const setup = {
    model: link.model ?? "pocket-gpt",
    task: link.task ?? { name: "describe", knobs: {} },
    objective: link.objective ?? { name: WORDS, knobs: {} },
    methods: link.methods ?? FIRST.map((name) => ({ name, knobs: {} })),
    budget: link.budget ?? {},
    seed: link.seed ?? 0,
    seeds: link.seeds ?? 1,
  };
  const parts = { tasks: h("div"), methods: h("div"), total: h("div", { class: "total", "aria-live": "polite" }), xray: h("div"), data: h("div"), guesses: h("div"), rates: h("div") };
  const page = { setup, menu, link, parts, estimates: [], shown: null };
  if (objectiveOf(page)?.by_head && !link.methods) dropUntrained(page);
  const problem = h("p", { class: "problem", role: "alert" });
  const predict = h("input", { type: "checkbox", id: "predict", checked: link.predict });
  const start = h("button", { type: "button", class: "primary", onclick: () => begin(page, start, problem, predict.checked, onStart) }, "Start the race");

  fill(
    place,
    section("1", "Base model", "A small model that has read a lot already. Tuning teaches it something more.", models(page), link.hide.has("model")),
    section("2", "Task", "What the model shall learn.", [parts.tasks, parts.data], link.hide.has("task")),
    section("3", "Ways of tuning", "Pick two or more. They train at once, on the very same batches.", [parts.methods, parts.xray], link.hide.has("methods")),
    section("4", "Budget", "How long and on how much. The same for every run.", budget(page), link.hide.has("budget")),
    parts.guesses,
    h("div", { class: "start" }, parts.total, problem, h("div", { class: "buttons" }, start, h("label", { for: "predict" }, predict, "Predict first"), ...shareButtons(page))),
  );
  drawTasks(page);
  drawMethods(page);
  changed(page);
}

function section(number, title, explains, body, isHidden) {
  return h("section", { class: "card", hidden: isHidden }, h("h2", {}, h("span", { class: "number" }, number), title), h("p", { class: "soft" }, explains), body);
}

const radioId = (group, value) => `${group}-${value}`.replaceAll(/[^\w-]/g, "_");

// One radio card; the whole card can be pressed, but for a misfit, which tells its reason.
function radio(group, value, isChosen, isLocked, onChoose, title, facts, text, misfit = "") {
  const id = radioId(group, value);
  const input = h("input", { type: "radio", name: group, id, value, checked: isChosen, disabled: isLocked || Boolean(misfit), onchange: onChoose });
  return h("label", { class: misfit ? "choice misfit" : "choice", for: id }, input, h("span", { class: "title" }, title), h("small", { class: "facts" }, facts), h("small", {}, misfit || text));
}

// Why the chosen model cannot learn a task; empty where it can, or where only trying tells.
function misfitOf(page, task) {
  const kind = page.menu.models.find((model) => model.name === page.setup.model)?.kind ?? "decoder";
  return task?.misfits[kind] ?? "";
}

function models(page) {
  const { setup, menu, link } = page;
  const choose = (name) => () => {
    setup.model = name;
    const task = menu.tasks.find((part) => part.name === setup.task.name);
    if (misfitOf(page, task)) setup.task = { name: menu.tasks.find((part) => !misfitOf(page, part)).name, knobs: {} };
    answerSomehow(page);
    drawTasks(page);
    changed(page);
  };
  const card = (model) =>
    radio("model", model.name, setup.model === model.name, link.lock.has("model"), choose(model.name), model.name, facts(model), model.description);
  const trainable = menu.models.filter((model) => model.can_train && model.parameters);
  const bundled = trainable.filter((model) => model.bundled), others = trainable.filter((model) => !model.bundled);
  const isOwn = !trainable.some((model) => model.name === setup.model);
  const own = h("input", {
    type: "text", id: "own-model", value: isOwn ? setup.model : "", placeholder: "owner/name or a folder", spellcheck: "false",
    disabled: link.lock.has("model"), onchange: (event) => event.target.value.trim() && choose(event.target.value.trim())(),
  });
  return [
    h("div", { class: "choices", role: "radiogroup", "aria-label": "Base model" }, bundled.map(card)),
    h("details", { open: !bundled.some((model) => model.name === setup.model) },
      h("summary", {}, "More models (fetched from the hub once, if this machine is online), or your own"),
      h("div", { class: "choices" }, others.map(card)),
      h("label", { for: "own-model" }, "Your own: a hub id or a folder"), own),
  ];
}

function facts(model) {
  const place = model.bundled ? "comes with the workbench" : model.is_here ? "on this machine" : `download, ${bytes(model.stored_bytes)}`;
  const kind = model.kind === "decoder" ? "" : `${model.kind.replace("_", "-")}, `;
  return `${kind}${count(model.parameters)} parameters, ${model.licence}, ${place}`;
}

function drawTasks(page) {
  const { setup, menu, link, parts } = page;
  const isLocked = link.lock.has("task");
  const choose = (name) => () => {
    setup.task = { name, knobs: {} };
    answerSomehow(page);
    drawTasks(page);
    changed(page);
    document.getElementById(radioId("task", name))?.focus(); // the arrow keys go on from here
  };
  const task = menu.tasks.find((part) => part.name === setup.task.name) ?? menu.tasks[0];
  const turn = (name, value) => {
    turnKnob(setup.task.knobs, name, value);
    changed(page);
  };
  const see = h("button", { type: "button", onclick: () => showData(page, see) }, "See the data as the model does");
  fill(
    parts.tasks,
    h("div", { class: "choices", role: "radiogroup", "aria-label": "Task" }, menu.tasks.map((part) =>
      radio("task", part.name, part.name === task.name, isLocked, choose(part.name), part.title, `score: ${words(part.metric)}`, part.plain, misfitOf(page, part)))),
    h("p", { class: "soft" }, task.idea),
    sampleRows(task),
    task.name === "own_file" ? ownData(task, setup.task.knobs, turn, isLocked, () => showData(page, see)) : null,
    task.name === "own_file" ? null : task.knobs.length ? h("details", {}, h("summary", {}, "Knobs of the task"), knobForm(task.knobs, setup.task.knobs, turn, "task", isLocked)) : null,
    objectives(page, task, isLocked),
    see,
  );
  fill(parts.data);
}

// How the task is answered: in words, or by a head, which needs labels and cannot answer untrained.
function objectives(page, task, isLocked) {
  const { setup, menu } = page;
  const choose = (name) => () => {
    setup.objective = { name, knobs: {} };
    if (objectiveOf(page)?.by_head) dropUntrained(page);
    drawMethods(page);
    drawTasks(page);
    changed(page);
    document.getElementById(radioId("objective", name))?.focus();
  };
  return h("div", { class: "choices", role: "radiogroup", "aria-label": "How it answers" }, menu.objectives.map((part) =>
    radio("objective", part.name, part.name === setup.objective.name, isLocked, choose(part.name), part.title, part.formula, part.plain, part.by_head ? task.misfit_of_head : "")));
}

const objectiveOf = ({ menu, setup }) => menu.objectives.find((part) => part.name === setup.objective.name);

// A task without labels is answered in words.
function answerSomehow(page) {
  const { setup, menu } = page;
  const task = menu.tasks.find((part) => part.name === setup.task.name);
  if (!objectiveOf(page)?.by_head || !task?.misfit_of_head) return;
  setup.objective = { name: WORDS, knobs: {} };
  drawMethods(page);
}

// The linear probe stands in for what trains nothing.
function dropUntrained({ menu, setup }) {
  const trains = ({ name }) => menu.methods.find((part) => part.name === name)?.trains ?? true;
  const kept = setup.methods.filter(trains);
  if (kept.length === setup.methods.length) return;
  const hasProbe = kept.some((method) => method.name === PROBE);
  setup.methods = hasProbe ? kept : [{ name: PROBE, knobs: {} }, ...kept];
}

// The first examples of a task, as they are in the data.
function sampleRows(task) {
  if (!task.rows.length) return null;
  const cells = (row) => h("tr", {}, h("td", { dir: "auto" }, row.prompt), h("td", { dir: "auto" }, row.target));
  return h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": `Examples of ${task.title}` },
    h("table", { class: "texts" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "prompt: what is read"), h("th", { scope: "col" }, "target: what is learned"))), h("tbody", {}, task.rows.map(cells))));
}

async function showData(page, button) {
  const { parts } = page;
  button.disabled = true;
  try {
    const report = await ask("/api/look", specs(page.setup, page.setup.seed)[0]);
    fill(
      parts.data,
      h("p", {}, [...report.notes, ...report.sentences].join(" ")),
      h("p", { class: "soft" }, "Underlined tokens are learned; the others are only read."),
      report.records.map((record) =>
        h("p", { class: "tokens", dir: "auto", tabIndex: 0 }, record.tokens.map(([text, isLearned, tokens]) => h("span", { class: isLearned ? "learned" : "read", title: tokens > 1 && `${tokens} tokens` }, text)),
          record.truncated ? h("em", {}, ` (${record.truncated} tokens cut)`) : null)),
    );
  } catch (error) {
    fill(parts.data, h("p", { class: "problem", role: "alert" }, error.message));
  } finally {
    button.disabled = false;
  }
}

function drawMethods(page) {
  const { setup, menu, parts, link } = page;
  const isLocked = link.lock.has("methods");
  const cards = (methods) => h("div", { class: "choices methods" }, methods.flatMap((part) => {
    const chosen = setup.methods.filter((method) => method.name === part.name);
    return chosen.length ? chosen.map((method, place) => methodCard(page, part, method, place, isLocked)) : [methodCard(page, part, null, 0, isLocked)];
  }));
  const further = menu.methods.filter((part) => !part.taught);
  const isOpen = parts.methods.querySelector(".further")?.open || further.some((part) => setup.methods.some((method) => method.name === part.name));
  fill(parts.methods, cards(menu.methods.filter((part) => part.taught)),
    h("details", { class: "further", open: isOpen }, h("summary", {}, `More ways of tuning (${further.length})`), cards(further)));
}

function methodCard(page, part, method, place, isLocked) {
  const { setup } = page;
  const id = `method-${part.name}-${place}`;
  const toggle = () => {
    if (method) setup.methods.splice(setup.methods.indexOf(method), 1);
    else setup.methods.push({ name: part.name, knobs: {} });
    drawMethods(page);
    changed(page);
    document.getElementById(id)?.focus();
  };
  const again = () => {
    setup.methods.splice(setup.methods.indexOf(method) + 1, 0, { name: part.name, knobs: { ...method.knobs } });
    drawMethods(page);
    changed(page);
    document.getElementById(`method-${part.name}-${place + 1}`)?.focus();
  };
  const turn = (name, value) => {
    turnKnob(method.knobs, name, value);
    changed(page);
  };
  const told = h("small", { class: "facts", "aria-live": "polite" });
  const misfit = part.trains ? "" : objectiveOf(page)?.misfit_untrained ?? "";
  const isOut = Boolean(misfit) && !method; // one that a link brought along can still be put away
  const card = h("div", { class: `choice method${method ? " chosen" : ""}${misfit ? " misfit" : ""}` },
    h("label", { for: id }, h("input", { type: "checkbox", id, checked: Boolean(method), disabled: isLocked || isOut, onchange: toggle }), h("span", { class: "title" }, part.title)),
    h("small", {}, misfit || part.plain), told,
    h("details", {}, h("summary", { "aria-label": `About ${part.title}` }, "i"), h("p", {}, part.idea), h("p", {}, h("code", {}, part.formula)), h("p", { class: "soft" }, part.paper), h("p", {}, h("a", { href: `?learn=${part.name}` }, `More about ${part.title}`))),
    method && part.knobs.length
      ? h("details", { open: setup.methods.length === 1 }, h("summary", {}, "Knobs"), knobForm(part.knobs, method.knobs, turn, id, isLocked), isLocked ? null : h("button", { type: "button", onclick: again }, `Add ${part.title} again`))
      : null,
    method ? h("button", { type: "button", class: "link", onclick: () => xray(page, method, part) }, "X-ray") : null,
  );
  if (method) method.parts = { card, told };
  return card;
}

function xray(page, method, part) {
  page.shown = method;
  const row = page.estimates[page.setup.methods.indexOf(method)];
  if (row?.pieces) drawXray(page.parts.xray, `${part.title} in ${page.setup.model}`, row, row.style.colour);
}

function budget(page) {
  const { setup, menu, link } = page;
  const isLocked = link.lock.has("budget");
  const turn = (name, value) => {
    turnKnob(setup.budget, name, value);
    changed(page);
  };
  const number = (name, low, high, help) => h("div", { class: "knob" }, h("label", { for: name }, name),
    h("input", { type: "number", id: name, min: low, max: high, step: 1, required: true, value: String(setup[name]), disabled: isLocked,
      oninput: (event) => {
        if (!event.target.checkValidity()) return;
        setup[name] = Number(event.target.value);
        changed(page);
      } }), h("small", {}, help));
  const shown = menu.budget.filter((knob) => SHOWN_BUDGET.includes(knob.name));
  const others = menu.budget.filter((knob) => !SHOWN_BUDGET.includes(knob.name));
  return [
    h("div", { class: "knobs" }, number("seed", 0, 1000000, "decides data, order and random starts"), number("seeds", 1, 5, "races from so many seeds, one after the other")),
    knobForm(shown, setup.budget, turn, "budget", isLocked),
    h("details", {}, h("summary", {}, "More of the budget"), knobForm(others, setup.budget, turn, "budget", isLocked)),
    h("button", { type: "button", onclick: (event) => showRates(page, event.target, isLocked) }, "Find a rate"), page.parts.rates,
  ];
}

// The range test of every method that trains.
async function showRates(page, button, isLocked) {
  const { setup, parts, estimates } = page;
  const runs = specs(setup, setup.seed).map((spec, place) => ({ spec, ...estimates[place] })).filter((run) => run.learning_rate);
  button.disabled = true;
  await findRates(parts.rates, `${setup.model}, ${words(setup.task.name)}, seed ${setup.seed}`, runs, isLocked);
  button.disabled = false;
}

function turnKnob(knobs, name, value) {
  if (value === undefined) delete knobs[name];
  else knobs[name] = value;
}

// The specs of one seed, as the server takes them.
export function specs(setup, seed) {
  return setup.methods.map(({ name, knobs }) => ({ model: setup.model, task: setup.task, objective: setup.objective, method: { name, knobs }, budget: setup.budget, seed }));
}

const changed = (page) => {
  history.replaceState(null, "", writeLink(page.setup, new URLSearchParams(location.search)));
  estimate(page);
};

const estimate = settled(120, async (page) => {
  const { setup, menu, parts } = page;
  if (!setup.methods.length) {
    page.estimates = [];
    return fill(parts.total, "Pick at least one way of tuning.");
  }
  let race;
  try {
    ({ runs: page.estimates, race } = await ask("/api/estimate", specs(setup, setup.seed)));
  } catch (error) {
    return fill(parts.total, error.message);
  }
  setup.methods.forEach((method, place) => tell(method, page.estimates[place]));
  fill(parts.total, raceText(page, race), race.sentence ? h("p", { class: "problem" }, race.sentence) : null,
    setup.methods.map((method, place) => !method.parts && page.estimates[place].error).filter(Boolean).map((error) => h("p", { class: "problem" }, error))); // no card shows these
  if (page.shown && setup.methods.includes(page.shown)) xray(page, page.shown, menu.methods.find((part) => part.name === page.shown.name));
  return undefined;
});

// What the whole race would take. Until the server knows how fast this machine is, it says no time.
function raceText({ setup, menu }, race) {
  const steps = setup.budget.steps ?? menu.budget.find((knob) => knob.name === "steps").default;
  const runs = setup.seeds * setup.methods.length;
  const duration = race.seconds === null ? "how long is known when the trainer is warm" : `about ${time(setup.seeds * race.seconds)} min:s on this machine`;
  return `${runs} run${runs > 1 ? "s" : ""} of ${steps} steps; ${duration}; about ${bytes(race.memory_bytes)} of memory beside the libraries, ${bytes(race.free_bytes)} are free.`;
}

function tell(method, row) {
  if (!method.parts || !row) return;
  const { card, told } = method.parts;
  card.style.setProperty("--method", row.style.colour);
  if (row.error) return fill(told, h("span", { class: "problem" }, [row.error, row.hint].filter(Boolean).join(" ")));
  const memory = ["weights", "gradients", "optimizer", "activations", "logits"].map((part) => `${part} ${bytes(row.memory_bytes[part])}`).join(", ");
  told.title = `Memory: ${memory}`;
  const rate = row.learning_rate ? `, learning rate ${Number(row.learning_rate.toPrecision(2))}` : "";
  fill(told, `${count(row.trainable)} numbers move (${percent(row.percent)}), saved as ${bytes(row.checkpoint_bytes)}, memory ${bytes(row.memory_bytes.total)}${rate}`);
}

async function begin(page, button, problem, predicts, onStart) {
  const { parts, estimates } = page;
  problem.textContent = "";
  if (predicts && estimates.some((row) => row.trainable > 0)) {
    askGuesses(parts.guesses, estimates.filter((row) => !row.error), (guesses) => submit(page, button, problem, guesses, onStart));
    return;
  }
  await submit(page, button, problem, null, onStart);
}

async function submit(page, button, problem, guesses, onStart) {
  const { setup } = page;
  button.disabled = true;
  try {
    await onStart(Array.from({ length: setup.seeds }, (_, place) => specs(setup, setup.seed + place)), guesses);
  } catch (error) {
    problem.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

function shareButtons(page) {
  const copy = (name, make) => h("button", { type: "button", onclick: (event) => copied(event.target, name, make()) }, name);
  return [
    copy("Copy link", () => location.href),
    copy("Copy as command", () => asCommand(page.setup)),
    copy("Copy as Python", () => asPython(page.setup)),
  ];
}
