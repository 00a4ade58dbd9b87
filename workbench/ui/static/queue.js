// The queue: what goes, what waits at which place, and why in this order. Races of others are a number only.

import { fill, h, words } from "./dom.js";
import { arrange } from "./edit.js";

const FAIR = "One race at a time. Owners take turns: who was served longest ago comes next, and nobody's second race goes before everybody's first.";
const PLAIN = "One race at a time, in the order in which they were started.";

// A section that is there while something goes or waits; `stop(runs)` ends one's own.
export function queuePanel(stop) {
  const parts = { lines: h("ul", { class: "queue" }), others: h("p"), why: h("p", { class: "soft" }), known: new Map() };
  const element = h("section", { class: "card", hidden: true }, h("h2", {}, "Queue"), parts.lines, parts.others, parts.why);
  return { element, draw: (queue, rows) => draw(element, parts, queue, rows, stop) };
}

function draw(element, parts, queue, rows, stop) {
  const byId = new Map(rows.map((row) => [row.run, row]));
  const going = queue.going?.runs.length ? [{ ...queue.going, place: 0 }] : [];
  const own = [...going, ...queue.waiting].map((part) => ({ ...part, rows: part.runs.map((run) => byId.get(run)).filter(Boolean) })).filter((part) => part.rows.length);
  const isOthers = queue.going?.race === null;
  element.hidden = !own.length && !isOthers && !queue.others_waiting;
  const lines = own.map((part) => {
    const key = `${part.race} ${part.place > 0}`;
    if (!parts.known.has(key)) parts.known.set(key, makeLine());
    parts.known.get(key).update(part, queue, stop);
    return [key, parts.known.get(key)];
  });
  for (const key of parts.known.keys()) if (!lines.some(([known]) => known === key)) parts.known.delete(key);
  arrange(parts.lines, lines.map(([, line]) => line.element));
  parts.lines.hidden = !lines.length;
  parts.others.textContent = tellOthers(queue, isOthers);
  parts.why.textContent = queue.is_shared ? FAIR : PLAIN;
}

function makeLine() {
  const text = h("span"), buttons = h("span", { class: "buttons" });
  const line = { element: h("li", {}, text, buttons), key: "", update };
  function update(part, queue, stop) {
    const title = titleOf(part.rows);
    text.textContent = part.place ? tellPlace(part, title, queue) : tellGoing(part.rows, title);
    const key = part.runs.join(" ");
    if (line.key === key) return;
    line.key = key;
    const deed = part.place ? "Leave the queue" : "Stop";
    const button = h("button", { type: "button", "aria-label": `${deed}: ${title}`, onclick: async () => {
      button.disabled = true;
      button.textContent = part.place ? "Leaving ..." : "Stopping ...";
      if (!(await stop(part.runs, part.place ? "It has left the queue." : "It stops after its current step."))) line.key = ""; // offered again
    } }, deed);
    fill(buttons, h("a", { class: "button", href: `?race=${encodeURIComponent(part.race)}`, "aria-label": `Watch: ${title}` }, "Watch"), button);
  }
  return line;
}

function titleOf(rows) {
  const [first] = rows;
  const methods = [...new Set(rows.map((row) => row.method))].join(", ");
  return `${rows.length === 1 ? "1 run" : `${rows.length} runs`} of ${first.model} on ${words(first.task)} (${methods})`;
}

function tellGoing(rows, title) {
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  if (rows.every((row) => row.state === "queued")) return `Starting: ${title}.`;
  return `Running: ${title}, step ${sum("step")} of ${sum("steps")} in all.`;
}

function tellPlace(part, title, queue) {
  const before = part.others_before;
  const others = before ? ` ${before} ${before === 1 ? "race of others is" : "races of others are"} before yours.` : "";
  const cold = part.place === 1 && !queue.going && !queue.is_warm ? " The trainer is getting warm." : "";
  return `Place ${part.place}: ${title}.${others}${cold}`;
}

function tellOthers(queue, isOthers) {
  const waiting = queue.others_waiting;
  return [isOthers ? "A race of somebody else is running." : "", waiting ? `${waiting} ${waiting === 1 ? "race of others waits" : "races of others wait"} in all.` : ""].filter(Boolean).join(" ");
}
