// The Race tab: the set-up, or the board of the race in the address.

import { showBoard } from "./board.js";
import { ask, fill, h } from "./dom.js";
import { readLink, setupOf, writeLink } from "./link.js";
import { keepGuesses } from "./predict.js";
import { setUp } from "./setup.js";
import { offerTour } from "./tour.js";

export async function mount(element) {
  const place = element.querySelector(".race") ?? element;
  let takeDown = null;

  async function show() {
    takeDown?.();
    takeDown = null;
    const link = readLink(location.search);
    try {
      if (link.race) takeDown = await showBoard(place, link.race, leave, link.also);
      else {
        setUp(place, await ask("/api/menu"), link, start);
        offerTour();
      }
    } catch (error) {
      fill(place, h("p", { class: "problem", role: "alert" }, error.message),
        h("button", { type: "button", onclick: () => (link.race ? leave() : show()) }, link.race ? "Set up a race" : "Try again"));
    }
  }

  function go(change) {
    const parameters = new URLSearchParams(location.search);
    change(parameters);
    history.pushState(null, "", `?${parameters}`);
    return show();
  }

  async function start(seeds, guesses) {
    const races = [];
    for (const specs of seeds) races.push((await ask("/api/races", specs)).race);
    if (guesses) races.forEach((race) => keepGuesses(race, guesses));
    await go((parameters) => {
      parameters.set("race", races[0]);
      if (races.length > 1) parameters.set("also", races.join());
    });
    window.scrollTo({ top: 0 });
  }

  // Back to the set-up, filled with that of the race which was watched.
  async function leave(specs) {
    if (specs?.length) {
      const { budget } = await ask("/api/menu");
      history.pushState(null, "", writeLink(setupOf(specs, budget), new URLSearchParams(location.search)));
      return show();
    }
    return go((parameters) => ["race", "also"].forEach((name) => parameters.delete(name)));
  }
  window.addEventListener("popstate", show);
  await show();
}
