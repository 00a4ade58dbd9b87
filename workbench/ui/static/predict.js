// Predict first: three guesses before the race, scored by what was measured when it is over.

import { fill, h, percent } from "./dom.js";
import { forgotten, latest } from "./fold.js";

const KEY = (race) => `workbench predict ${race}`;
const NEAR = 2; // a guessed share counts as right within this factor

// Ask for guesses about the estimates (rows with label, percent, trainable); onDone gets the guesses.
export function askGuesses(place, rows, onDone) {
  const tuned = rows.filter((row) => row.trainable > 0);
  const asked = tuned.reduce((least, row) => (row.percent < least.percent ? row : least), tuned[0]);
  const options = (chosen) => chosen.map((row) => h("option", { value: row.label }, row.label));
  const field = (id, label, control) => h("div", { class: "knob" }, h("label", { for: id }, label), control);
  const best = h("select", { id: "guess-best" }, options(tuned)), worst = h("select", { id: "guess-forgets" }, options(tuned));
  const share = h("input", { id: "guess-share", type: "number", min: 0, max: 100, step: "any", required: true });
  const form = h("form", { class: "card", onsubmit: (event) => {
    event.preventDefault();
    onDone({ best: best.value, forgets: worst.value, share: Number(share.value), asked: asked.label, truth: asked.percent });
  } },
    h("h3", {}, "Predict first"), h("p", { class: "soft" }, "What you expect teaches you more than what you see. No grade; the answers come after the race."),
    h("div", { class: "knobs" },
      field("guess-best", "Which run ends with the lowest held-out loss?", best),
      field("guess-forgets", "Which run forgets most of what the base knew?", worst),
      field("guess-share", `What percentage of all numbers does ${asked.label} move?`, share)),
    h("button", { class: "primary" }, "Start the race"));
  fill(place, form);
  best.focus();
}

export function keepGuesses(race, guesses) {
  localStorage.setItem(KEY(race), JSON.stringify(guesses));
}

// The guesses of a race beside what was measured, or nothing where nobody guessed.
export function scoredGuesses(race, runs) {
  const guesses = JSON.parse(localStorage.getItem(KEY(race)) ?? "null");
  const tuned = runs.filter((run) => run.trains && run.history.evaluations.length);
  if (!guesses || !tuned.length) return null;
  const best = least(tuned, (run) => latest(run.history.evaluations));
  const worst = least(tuned, (run) => -(latest(forgotten(run.history)) ?? 0));
  const isNear = guesses.share > 0 && guesses.share <= NEAR * guesses.truth && guesses.truth <= NEAR * guesses.share;
  const line = (isRight, text) => h("li", {}, isRight ? "Right: " : "Not so: ", text);
  return h("div", {}, h("h3", {}, "What you predicted"), h("ul", {},
    line(best.label === guesses.best, `you expected ${guesses.best} to reach the lowest loss; it was ${best.label}.`),
    line(worst.label === guesses.forgets, `you expected ${guesses.forgets} to forget most; it was ${worst.label}.`),
    line(isNear, `you said that ${guesses.asked} moves ${percent(guesses.share)} of all numbers; it moves ${percent(guesses.truth)}.`)));
}

function least(runs, value) {
  return runs.reduce((found, run) => (value(run) < value(found) ? run : found), runs[0]);
}
