// The Race tab: the set-up, or the board of the race in the address.

import { showBoard } from "./board.js";
import { ask, fill, h } from "./dom.js";
import { readLink } from "./link.js";
import { setUp } from "./setup.js";

export async function mount(element) {
  const place = element.querySelector(".race") ?? element;
  let takeDown = null;

  async function show() {
    takeDown?.();
    takeDown = null;
    const link = readLink(location.search);
    try {
      if (link.race) takeDown = await showBoard(place, link.race, leave);
      else setUp(place, await ask("/api/menu"), link, start);
    } catch (error) {
      fill(place, h("p", { class: "problem", role: "alert" }, error.message),
        h("button", { type: "button", onclick: link.race ? leave : show }, link.race ? "Set up a race" : "Try again"));
    }
  }

  function go(change) {
    const parameters = new URLSearchParams(location.search);
    change(parameters);
    history.pushState(null, "", `?${parameters}`);
    return show();
  }

  async function start(seeds) {
    const races = [];
    for (const specs of seeds) races.push((await ask("/api/races", specs)).race);
    await go((parameters) => parameters.set("race", races[0]));
    window.scrollTo({ top: 0 });
  }

  const leave = () => go((parameters) => parameters.delete("race"));
  window.addEventListener("popstate", show);
  await show();
}
