// What the laboratory is doing: asked for by one timer for all pages, seen by all tabs alike.
import { get } from "./api.js";
import { h } from "./dom.js";

const watchers = new Set();
let runs = [];
let asked = null; // the timer
let missing = false; // the server did not answer last time

export const busy = (run) => ["waiting", "running", "elsewhere"].includes(run.status);

/** Ask now; call after something was started. */
export async function refresh() {
  clearTimeout(asked);
  try {
    runs = await get("/runs");
    missing = false;
  } catch {
    missing = true;
  }
  for (const watcher of watchers) {
    try { watcher(runs, missing); } catch (error) { console.error(error); } // one page's fault must not stop the timer
  }
  const soon = runs.some(busy) ? 800 : 5000;
  asked = setTimeout(refresh, document.hidden ? soon * 4 : soon);
  return runs;
}

/** Call fn(runs, missing) now and at each change; returns a function that ends it. */
export function onRuns(fn) {
  watchers.add(fn);
  if (runs.length) fn(runs, missing);
  return () => watchers.delete(fn);
}

/** The small text in the head of the page. */
export function watchQueue(place) {
  onRuns((all, gone) => {
    const running = all.filter((run) => run.status === "running");
    const waiting = all.filter((run) => run.status === "waiting");
    const done = running.reduce((sum, run) => sum + Object.values(run.done).reduce((a, b) => a + b, 0), 0);
    const total = running.reduce((sum, run) => sum + run.total, 0);
    const text = gone ? "not connected" : running.length ? `running ${done}/${total}${waiting.length ? ` · ${waiting.length} waiting` : ""}` : "";
    place.replaceChildren(...(text ? [h("a", { href: "#/run", class: gone ? "chip wrong" : "chip" }, text)] : []));
  });
  addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  refresh();
}
