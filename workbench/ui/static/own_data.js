// Your own data: a file that is sent, or a dataset of the hub that the server fetches. Then its columns are picked.

import { ask, fill, h, words } from "./dom.js";
import { knobForm } from "./knobs.js";

const HUB = "hub:";
const OF_THE_HUB = ["config", "split", "revision", "rows"];
const OF_READING = ["answer_after", "chat_template", "passage_characters"];

// `knobs` are the task's as they are turned; turn(name, value) turns one, undefined takes its default. onArrived() is
// called when there are data whose columns leave no doubt.
export function ownData(task, knobs, turn, isLocked, onArrived) {
  const isOfHub = Boolean(knobs.path?.startsWith(HUB));
  const told = h("p", { class: "soft", "aria-live": "polite" }, knobs.path ? ["Chosen: ", h("bdi", {}, shortName(knobs.path))] : null);
  const columns = h("div", { class: "knobs" });
  const bring = async (name, doing, asking) => {
    told.textContent = doing;
    fill(columns);
    try {
      const answer = await asking();
      for (const column of ["prompt_column", "target_column"]) turn(column, undefined);
      turn("path", answer.path);
      fill(told, h("bdi", {}, name), ["", "is here.", ...answer.notes].join(" "));
      fill(columns, ["prompt_column", "target_column"].map((column) => picker(column, answer.columns, turn)));
      if (answer.is_clear) onArrived();
    } catch (error) {
      told.textContent = error.message;
    }
  };
  const send = async (event) => {
    const [file] = event.target.files;
    if (file) await bring(file.name, "Reading the file ...", () => ask(`/api/files?name=${encodeURIComponent(file.name)}`, file));
  };
  const id = h("input", { type: "text", id: "hub-data", value: isOfHub ? knobs.path.slice(HUB.length) : "", placeholder: "owner/name", spellcheck: "false", autocomplete: "off", disabled: isLocked });
  const get = async (event) => {
    const name = id.value.trim();
    const turned = Object.fromEntries(OF_THE_HUB.filter((knob) => knobs[knob] !== undefined).map((knob) => [knob, knobs[knob]]));
    event.target.disabled = true;
    await bring(name, "Fetching the rows ...", () => ask("/api/datasets", { ...turned, path: HUB + name }));
    event.target.disabled = false;
  };
  return h("div", {},
    h("label", { for: "own-file" }, "CSV, TSV, JSONL, Parquet or text"),
    h("input", { type: "file", id: "own-file", accept: ".csv,.tsv,.jsonl,.ndjson,.parquet,.pq,.txt,.md", onchange: send }),
    h("details", { open: isOfHub },
      h("summary", {}, "Or a dataset of the hub (fetched once, if this machine is online)"),
      h("label", { for: "hub-data" }, "Its id on the hub"), id,
      knobForm(task.knobs.filter((knob) => OF_THE_HUB.includes(knob.name)), knobs, turn, "task", isLocked),
      h("button", { type: "button", disabled: isLocked, onclick: get }, "Fetch the dataset")),
    told, columns,
    h("details", { open: OF_READING.some((knob) => knobs[knob] !== undefined) },
      h("summary", {}, "How answers, chats and passages are read"),
      knobForm(task.knobs.filter((knob) => OF_READING.includes(knob.name)), knobs, turn, "task", isLocked)));
}

const shortName = (path) => (path.startsWith(HUB) ? path.slice(HUB.length) : path.split(/[\\/]/).pop());

// Which column is the target, or which one or several make the prompt; none chosen is a guess.
function picker(name, columns, turn) {
  if (!columns.length) return null;
  const isPrompt = name === "prompt_column";
  const options = (isPrompt ? columns : ["", ...columns]).map((column) => h("option", { value: column }, column || "guess"));
  const choose = (event) => turn(name, [...event.target.selectedOptions].map((option) => option.value).join("+") || undefined);
  return h("div", { class: "knob" }, h("label", { for: name }, isPrompt ? "prompt column, or several; none guesses" : words(name)),
    h("select", { id: name, multiple: isPrompt, size: isPrompt ? Math.min(4, columns.length) : 1, onchange: choose }, options));
}
