// The page's tabs, which are Gradio's: find one by its name and change to it.

export function tabNamed(name) {
  return [...document.querySelectorAll('[role="tab"]')].find((tab) => tab.textContent.trim() === name);
}

// Change to a tab as soon as it is there.
export async function showTab(name) {
  for (let tries = 0; tries < 200 && !tabNamed(name); tries += 1) await new Promise((done) => setTimeout(done, 50));
  const tab = tabNamed(name);
  if (tab?.getAttribute("aria-selected") !== "true") tab?.click();
}
