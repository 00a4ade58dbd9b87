// Elements from plain data. Texts go in as text, never as markup, wherever they come from.

// h("p", {class: "note", onclick: f}, "text", child, [more, children])
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Replace all that an element holds.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

// Ask the server; an answer that says what is wrong is thrown as an Error with its sentence.
// `body` is sent as JSON, a File as it is.
export async function ask(path, body) {
  const isFile = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "content-type": isFile ? "application/octet-stream" : "application/json" },
      body: isFile ? body : body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The server does not answer. Is it still running?");
  }
  if (answer.status === 401) {
    location.reload();
    throw new Error("Log in first.");
  }
  const data = await answer.json().catch(() => ({ error: `The server answered ${answer.status}.` }));
  if (!answer.ok) throw new Error([data.error ?? "The server could not do it.", data.hint].filter(Boolean).join(" "));
  return data;
}

const UNITS = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];

// 3.4M for 3,400,000: three digits at most.
export function count(number) {
  const unit = UNITS.find(([size]) => Math.abs(number) >= size);
  return unit ? Number((number / unit[0]).toPrecision(3)) + unit[1] : String(Math.round(number));
}

export function bytes(number) {
  if (!number) return "0 B";
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, number)) / 10));
  return `${Number((number / 1024 ** power).toPrecision(3))} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

export function percent(number) {
  return number === 0 ? "0 %" : `${Number(number.toPrecision(3))} %`;
}

export function time(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export function words(name) {
  return name.replaceAll("_", " ");
}

// Call a function once when calls have stopped for so many milliseconds.
export function settled(milliseconds, action) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}

// Copy a text and say so on the button, which then gets its name back.
export async function copied(button, name, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch { // a page that came without encryption, as from a class server, has no clipboard
    if (copiedByHand(button, text)) button.textContent = "Copied";
    else prompt("Copy this:", text);
  }
  setTimeout(() => (button.textContent = name), 1500);
}

// The older way, by a selection; tells whether the browser did it.
function copiedByHand(button, text) {
  const box = h("textarea", { readOnly: true, "aria-hidden": "true", style: "position:fixed;opacity:0" });
  box.value = text;
  document.body.append(box);
  box.select();
  const isDone = document.execCommand("copy");
  box.remove();
  button.focus();
  return isDone;
}
