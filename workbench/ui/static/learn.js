// The Learn tab: a list of pages, or the page in the address (?learn=lora). The pages are written by the server.

import { fill, h } from "./dom.js";
import { showTab, tabNamed } from "./tabs.js";
import { STEPS, startTour } from "./tour.js";

const asked = () => new URLSearchParams(location.search).get("learn");
let draw = () => {}; // until the tab has been shown
let opened = null; // the rest of the address while a page of Learn is in it

// Follow links to pages of Learn from anywhere; called once, when the page loads.
export function listen() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="?learn="]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(new URLSearchParams(link.getAttribute("href")).get("learn"));
    } else if (opened !== null && event.target.closest?.('[role="tab"]') && !tabNamed("Learn")?.contains(event.target)) {
      leave();
    }
  });
  window.addEventListener("popstate", goBack, { capture: true }); // before the set-up hears of it
  if (asked() !== null) {
    opened = rest();
    showTab("Learn");
  }
}

function goBack(event) {
  const before = opened;
  if (before !== null && before === rest()) event.stopImmediatePropagation(); // the set-up or board is still the same
  opened = asked() === null ? null : rest();
  if (before === null && opened === null) return;
  draw();
  showTab(opened === null ? "Race" : "Learn");
}

export function mount(element) {
  const place = element.querySelector(".learn") ?? element;
  fill(place.querySelector(".learn-steps"), STEPS.map(({ title, text }) => h("li", {}, h("strong", {}, `${title}.`), ` ${text}`)));
  place.querySelector(".learn-tour").addEventListener("click", startTour);
  draw = (hasMoved) => drawIn(place, hasMoved);
  draw();
}

// Show the page in the address, else the list; `hasMoved`: somebody followed a link, so the focus goes along.
function drawIn(place, hasMoved) {
  const page = document.getElementById(`learn-${asked()}`), last = place.querySelector(".learn-page:not([hidden])");
  for (const part of place.children) part.hidden = page ? part !== page : part.matches(".learn-page");
  if (!hasMoved) return;
  const near = page ? page.querySelector("h2") : last && place.querySelector(`.learn-home a[href="?learn=${last.dataset.name}"]`);
  near?.focus({ preventScroll: true });
  if (page ? place.getBoundingClientRect().top < 0 : near) (page ? place : near).scrollIntoView({ block: page ? "start" : "nearest" });
}

async function open(name) {
  const parameters = new URLSearchParams(location.search);
  parameters.set("learn", name);
  history.pushState(null, "", `?${parameters}`);
  opened = rest();
  await showTab("Learn");
  draw(true);
}

// Another tab is shown: the address is that of the set-up again.
function leave() {
  history.replaceState(null, "", rest() || location.pathname);
  opened = null;
  draw();
}

// The address without its page of Learn.
function rest() {
  const parameters = new URLSearchParams(location.search);
  parameters.delete("learn");
  return parameters.size ? `?${parameters}` : "";
}
