// A form for the knobs of any part, made from what the part declares.

import { h, words } from "./dom.js";

// onChange gets (name, value as text, or undefined where it is the default again).
export function knobForm(knobs, values, onChange, prefix, isLocked = false) {
  return h("div", { class: "knobs" }, knobs.map((knob) => row(knob, values[knob.name], onChange, prefix, isLocked)));
}

function row(knob, value, onChange, prefix, isLocked) {
  const id = `${prefix}-${knob.name}`;
  const report = (input) => {
    const text = input.type === "checkbox" ? String(input.checked) : input.value.trim();
    const isWrong = input.type !== "checkbox" && !input.checkValidity();
    note.textContent = isWrong ? `Allowed is ${knob.allowed}.` : "";
    input.setAttribute("aria-invalid", String(isWrong));
    onChange(knob.name, text === "" || text === String(knob.default) ? undefined : text);
  };
  const shown = value ?? String(knob.default);
  const input = control(knob, id, shown, report, isLocked);
  const note = h("small", { class: "problem", role: "alert" });
  return h("div", { class: "knob" }, h("label", { for: id }, words(knob.name)), input, h("small", {}, knob.help), note);
}

function control(knob, id, value, report, isLocked) {
  const shared = { id, disabled: isLocked, onchange: (event) => report(event.target) };
  if (knob.type === "bool") return h("input", { ...shared, type: "checkbox", checked: value === "true" || value === "True" });
  if (knob.choices.length && !knob.several) {
    return h("select", shared, knob.choices.map((choice) => h("option", { value: choice, selected: choice === value }, words(choice))));
  }
  if (knob.type === "int" || knob.type === "float") {
    const step = knob.type === "int" ? "1" : "any";
    return h("input", {
      ...shared, type: "number", value, step, required: true,
      min: knob.low ?? undefined, max: knob.high ?? undefined, oninput: (event) => report(event.target),
    });
  }
  return h("input", { ...shared, type: "text", value, spellcheck: "false", autocomplete: "off", oninput: (event) => report(event.target) });
}
