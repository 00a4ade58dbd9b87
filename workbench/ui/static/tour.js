// The first-visit tour: five steps beside the real controls. Its card stands in the page's flow, so it covers nothing.

import { fill, h } from "./dom.js";
import { showTab } from "./tabs.js";

const SEEN = "workbench-tour"; // in the browser's storage once the tour has been shown
const all = (selector) => () => [...document.querySelectorAll(selector)];
const buttons = (name) => () => all(".race button")().filter((button) => button.textContent.trim() === name);

// `find`: the controls that are outlined; `before`: what the card is put before, a part of the set-up.
export const STEPS = [
  { title: "Pick a model and a task", text: "Keep pocket-gpt at first: it is small enough to train on a laptop. The task is what it shall learn.",
    find: all('.race [aria-label="Base model"], .race [aria-label="Task"]'), before: ".card" },
  { title: "Pick ways of tuning", text: "Each card says in plain words what it does, and how many numbers it moves. Take two or more.",
    find: all(".race :not(.further) > .choices.methods"), before: ".card:has(.choices.methods)" },
  { title: "See inside before you train", text: "X-ray draws the model's parts: grey ones are frozen, coloured ones move.",
    find: buttons("X-ray"), before: ".card:has(.choices.methods)" },
  { title: "Start the race", text: "All runs learn from the same batches. Losses, samples and forgetting fill in as they train.",
    find: buttons("Start the race"), before: ".start" },
  { title: "Go on in the other tabs", text: "Compare lays finished runs side by side, Play lets them talk, Runs keeps them, Learn explains each idea.",
    find: all('[role="tablist"]'), before: ".card" },
];

let tour = null; // the one that is shown: its card and what stands in it, the step, and what is outlined

// Show the tour to somebody who has not seen it; not where the address asks for something else.
export function offerTour() {
  const address = new URLSearchParams(location.search);
  if (tour || address.has("race") || address.has("learn") || address.get("tour") === "off" || hasSeen()) return;
  begin(document.activeElement === document.body);
}

// Show it again, from the first step.
export async function startTour() {
  if (!document.querySelector(".race .start")) { // a board is shown: begin with a fresh set-up
    forget();
    location.assign(location.pathname);
    return;
  }
  await showTab("Race");
  begin(true);
}

function begin(takesFocus) {
  end();
  remember();
  const title = h("p", { class: "title" }), text = h("p", { id: "tour-text" });
  const back = h("button", { type: "button", onclick: () => go(tour.step - 1) }, "Back");
  const next = h("button", { type: "button", class: "primary", onclick: () => go(tour.step + 1) });
  const skip = h("button", { type: "button", onclick: end }, "Skip the tour");
  const card = h("div", { class: "card tour", role: "dialog", "aria-describedby": "tour-text" },
    title, text, h("div", { class: "buttons" }, next, back, skip));
  const place = document.querySelector(".race");
  // The form draws its cards anew as it is used, and goes when a race starts.
  const watch = new MutationObserver(() => (card.isConnected ? outline(STEPS[tour.step].find()) : end()));
  tour = { place, card, title, text, back, next, skip, watch, step: 0, outlined: [], cameFrom: document.activeElement };
  document.addEventListener("keydown", onKey);
  go(0, takesFocus);
  watch.observe(place, { childList: true, subtree: true });
}

function go(step, takesFocus = true) {
  if (step >= STEPS.length) return end();
  const { place, card, title, text, back, next, skip } = tour;
  const isLast = step === STEPS.length - 1;
  tour.step = step;
  outline(STEPS[step].find());
  title.textContent = `${step + 1} of ${STEPS.length}: ${STEPS[step].title}`;
  text.textContent = STEPS[step].text;
  card.setAttribute("aria-label", `Tour, ${title.textContent}`);
  fill(next, isLast ? "Done" : "Next");
  back.hidden = step === 0;
  skip.hidden = isLast;
  place.insertBefore(card, place.querySelector(`:scope > ${STEPS[step].before}:not(.tour)`) ?? place.firstChild);
  if (takesFocus) next.focus({ preventScroll: true });
  return show(card, STEPS[step].before);
}

// Bring the card and what it points at into view: the top of the page, the start bar, or a section.
function show(card, before) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  if (before === ".card") window.scrollTo({ top: 0, behavior });
  else card.scrollIntoView({ block: before === ".start" ? "center" : "start", behavior });
}

function outline(controls) {
  for (const control of tour.outlined) control.classList.remove("toured");
  for (const control of controls) control.classList.add("toured");
  tour.outlined = controls;
}

function onKey(event) {
  if (event.key === "Escape" && !event.defaultPrevented) end();
}

function end() {
  if (!tour) return;
  const { card, watch, cameFrom, outlined } = tour;
  const hasFocus = card.contains(document.activeElement);
  watch.disconnect();
  document.removeEventListener("keydown", onKey);
  outline([]);
  tour = null;
  card.remove();
  if (hasFocus) focusNear([cameFrom, outlined[0]]);
}

// Give the focus to the first of these that can be seen, or to what can take it inside.
function focusNear(places) {
  const seen = places.find((place) => place && place !== document.body && place.offsetParent !== null);
  const target = seen?.matches("button, a, input") ? seen : seen?.querySelector("button, a, input");
  target?.focus({ preventScroll: true });
}

// A browser that keeps nothing is shown no tour, since it would see it every time.
function hasSeen() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return true;
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "1");
  } catch { /* it is only shown */ }
}

function forget() {
  try {
    localStorage.removeItem(SEEN);
  } catch { /* then Learn tells the steps */ }
}
