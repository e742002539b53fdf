// What the laboratory is doing: asked for by one timer for all pages, seen by all tabs alike.
import { get } from "./api.js";
import { h } from "./dom.js";

const watchers = new Set();
let runs = [], jobs = [];
let asked = null; // the timer
let missing = false; // the server did not answer last time
let known = false; // it has answered once

export const busy = (run) => ["waiting", "running", "elsewhere"].includes(run.status);

/** Ask now; call after something was started. */
export async function refresh() {
  clearTimeout(asked);
  try {
    [runs, jobs] = await Promise.all([get("/runs"), get("/jobs")]);
    missing = false;
    known = true;
  } catch {
    missing = true;
  }
  for (const watcher of watchers) tell(watcher);
  const soon = runs.some(busy) || jobs.some((job) => job.state !== "failed") ? 800 : 5000;
  asked = setTimeout(refresh, document.hidden ? soon * 4 : soon);
  return runs;
}

function tell(watcher) {
  try { watcher(runs, jobs, missing); } catch (error) { console.error(error); } // one page's fault must not stop the timer
}

/** Call fn(runs, jobs, missing) now and at each change; returns a function that ends it. */
export function onRuns(fn) {
  watchers.add(fn);
  if (known) tell(fn);
  return () => watchers.delete(fn);
}

/** The small text in the head of the page. */
export function watchQueue(place) {
  onRuns((all, queue, gone) => {
    const running = queue.find((job) => job.state === "running"), waiting = queue.filter((job) => job.state === "waiting").length;
    const run = all.find((each) => each.id === running?.id);
    const [done, total] = run ? [Object.values(run.done).reduce((a, b) => a + b, 0), run.total] : [running?.done, running?.total];
    const text = gone ? "not connected" : running ? `${running.kind === "run" ? "running" : running.kind === "evaluate" ? "evaluating" : "ablating"}${total ? ` ${done}/${total}` : ""}${waiting ? ` · ${waiting} waiting` : ""}` : "";
    place.replaceChildren(...(text ? [h("a", { href: running?.kind === "run" || !running ? "#/run" : "#/evidence", class: gone ? "chip wrong" : "chip" }, text)] : []));
  });
  addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  refresh();
}
