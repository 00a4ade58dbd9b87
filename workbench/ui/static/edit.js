// Edit a text in its place: Enter saves, Escape leaves it as it was.

import { h } from "./dom.js";

let number = 0;

// A form for one text, to be put somewhere at once: it takes the focus. `save(text)` may throw: its sentence is shown,
// and what was typed stays. `close()` is called when the form has done its work, saved or not.
export function editor({ label, hint, value, save, close }) {
  const id = `edit-${number++}`;
  const problem = h("p", { class: "problem", role: "alert", id: `${id}-problem` });
  const input = h("input", { type: "text", id, value, autocomplete: "off", "aria-describedby": `${id}-hint ${id}-problem` });
  let isBusy = false;
  async function keep(event) {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    try {
      await save(input.value);
      close();
    } catch (error) {
      problem.textContent = error.message;
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
    isBusy = false;
  }
  queueMicrotask(() => {
    input.focus();
    input.select();
  });
  return h("form", { class: "edit", onsubmit: keep, onkeydown: (event) => event.key === "Escape" && !event.isComposing && close() },
    h("label", { for: id }, label), input, h("small", { id: `${id}-hint` }, hint), problem,
    h("div", { class: "buttons" }, h("button", { type: "submit" }, "Save"), h("button", { type: "button", onclick: () => close() }, "Cancel")));
}

// What stands between commas, each once.
export function listed(text) {
  return [...new Set(text.split(",").map((word) => word.trim()).filter(Boolean))];
}

// Make a place hold these elements in this order and nothing else; what is in its place already is not touched, and what
// is moved keeps the focus.
export function arrange(place, elements) {
  const held = document.activeElement;
  const wanted = new Set(elements);
  for (const child of [...place.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, at) => place.children[at] !== element && place.insertBefore(element, place.children[at] ?? null));
  if (held !== document.activeElement && place.contains(held)) held.focus();
}
