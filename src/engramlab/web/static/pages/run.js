// Run: the queue and all runs of the results folder; a run's progress or its results.
import { h } from "../lib/dom.js";
import { get, post, remove, url } from "../lib/api.js";
import { empty, problemList, say } from "../lib/messages.js";
import { busy, onRuns, refresh } from "../lib/queue.js";
import { setText, loadDraft } from "../lib/draft.js";
import { dialog } from "./design/start.js";
import { showResults } from "./run/results.js";

const STATUS = { waiting: "waiting", running: "running", complete: "✓ complete", stopped: "stopped", elsewhere: "running elsewhere", failed: "✗ failed" };
const TONE = { complete: "good", failed: "bad", running: "accent", elsewhere: "accent" };
const doneOf = (run) => Object.values(run.done).reduce((a, b) => a + b, 0);
const chip = (run) => h("span", { class: `chip ${TONE[run.status] ?? ""}` }, run.status === "waiting" && run.place ? `waiting, place ${run.place}` : STATUS[run.status]);

export async function render(root, [id]) {
  const list = h("nav", { class: "runs", "aria-label": "Runs" });
  const detail = h("section", { class: "detail stack", "aria-label": "Run" });
  root.append(h("div", { class: `run-columns ${id ? "one" : ""}` }, h("div", { class: "stack" }, h("h1", {}, "Run"), list), detail));
  let shown = ""; // what the detail shows, so that a poll does not redraw it
  let leave = null, gone = false;

  await refresh();
  const end = onRuns((runs) => {
    drawList(runs);
    const run = runs.find((each) => each.id === id);
    if (id && run) drawDetail(run).catch((error) => detail.append(problemList(error)));
    else if (id) { if (shown !== "none") { shown = "none"; detail.replaceChildren(empty("No such run", `There is no run '${id}' in the results folder.`, h("a", { class: "button", href: "#/run" }, "All runs"))); } }
    else if (shown !== "start") {
      shown = "start";
      detail.replaceChildren(runs.length ? empty("Choose a run", "Its progress or its results appear here.") : "");
    }
  });
  if (!list.children.length) drawList([]);

  function drawList(runs) {
    const held = document.activeElement?.dataset?.run;
    if (!runs.length) {
      list.replaceChildren(empty("No runs yet", "Design an experiment and run it; runs of the command line in the same results folder appear here too.", h("a", { class: "button primary", href: "#/design" }, "Design one")));
      return;
    }
    const queue = runs.filter(busy), rest = runs.filter((run) => !busy(run));
    list.replaceChildren(...[["In the queue", queue.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))], [queue.length ? "Before" : "", rest]].flatMap(([title, part]) =>
      part.length ? [title ? h("h2", {}, title) : null, h("ul", {}, part.map(card))].filter(Boolean) : []));
    if (held) list.querySelector(`[data-run="${CSS.escape(held)}"]`)?.focus();
  }

  function card(run) {
    return h("li", {}, h("a", { class: "run-card", href: `#/run/${url(run.id)}`, "aria-current": run.id === id ? "true" : null, dataset: { run: run.id } },
    h("span", { class: "row spread" }, h("strong", {}, run.id), chip(run)),
    h("span", { class: "soft small" }, run.title || run.protocol),
    h("span", { class: "soft small" }, `${run.groups.length} × ${run.animals} animals · seed ${run.seed}${run.switched_off.length ? ` · without ${run.switched_off.join(", ")}` : ""}`),
    busy(run) || run.status === "stopped" ? h("progress", { max: run.total, value: doneOf(run), "aria-label": `Animals of ${run.id} that are done` }) : null));
  }

  async function drawDetail(run) {
    const key = run.status === "complete" ? `complete ${run.id}` : JSON.stringify(run);
    if (key === shown || gone) return;
    const before = shown;
    shown = key;
    leave?.();
    leave = null;
    const head = header(run);
    if (run.status === "complete") {
      const results = h("div", { class: "stack" });
      detail.replaceChildren(head, results);
      if (before.startsWith("{")) say(`${run.id} is complete.`);
      const ended = await showResults(results, run);
      if (gone) ended(); else leave = ended;
    } else {
      const focus = document.activeElement?.textContent;
      detail.replaceChildren(head, ...body(run));
      if (detail.isConnected && focus && document.activeElement === document.body) [...detail.querySelectorAll("button")].find((button) => button.textContent === focus)?.focus();
    }
  }

  function header(run) {
    const complete = run.status === "complete";
    const act = (text, fn, kind = "") => h("button", { type: "button", class: kind, onclick: () => Promise.resolve(fn()).then(refresh).catch(say) }, text);
    const file = (name, text) => h("a", { class: "button", href: `/api/runs/${url(run.id)}/files/${name}`, target: name === "report" ? "_blank" : null, rel: "noopener" }, text);
    return h("div", { class: "stack" },
      h("a", { class: "back", href: "#/run" }, "← All runs"),
      h("div", { class: "row" }, h("h2", { class: "title" }, run.id), chip(run)),
      h("p", { class: "lead" }, run.title || run.protocol),
      h("p", { class: "soft small" }, [`${run.groups.length === 1 ? "1 group" : `${run.groups.length} groups`} × ${run.animals} animals`, `seed ${run.seed}`, run.switched_off.length ? `without ${run.switched_off.join(", ")}` : "", ...Object.entries(run.changed).map(([name, value]) => `${name} = ${value}`), run.date ? new Date(run.date).toLocaleString() : "", `engramlab ${run.version}`].filter(Boolean).join(" · ")),
      h("div", { class: "row" },
        complete ? h("a", { class: "button primary", href: `#/see/${url(run.id)}` }, "See the brain") : null,
        run.status === "running" || run.status === "waiting" ? act("Cancel", () => post(`/runs/${url(run.id)}/cancel`), "bad") : null,
        run.status === "stopped" || run.status === "failed" ? act("Go on", () => post(`/runs/${url(run.id)}/resume`), "primary") : null,
        complete ? [file("report", "Report"), file("table", "Table (CSV)"), file("record", "Record (NetCDF)")] : null,
        act("Design from this", async () => { await loadDraft(); await setText((await get(`/runs/${url(run.id)}/protocol`)).yaml, "start"); location.hash = "#/design"; }),
        busy(run) ? null : act("Delete", () => askDelete(run), "quiet")));
  }

  function askDelete(run) {
    return new Promise((resolve, reject) => {
      const made = dialog("Delete this run?", h("p", {}, `The folder ${run.id} and all results in it are deleted from the disk. This cannot be undone.`),
        h("div", { class: "row" }, h("button", { type: "button", class: "bad", onclick: async () => {
          try { await remove(`/runs/${url(run.id)}`); location.hash = "#/run"; resolve(); } catch (error) { reject(error); } finally { made.close(); }
        } }, "Delete"), h("button", { type: "button", onclick: () => { made.close(); resolve(); } }, "Keep")));
    });
  }

  function body(run) {
    return [
    run.problems.length ? h("ul", { class: "problems" }, run.problems.map((p) => h("li", {}, h("span", { class: "where" }, p.where), h("span", { class: "what" }, p.what), p.allowed ? h("span", { class: "allowed" }, p.allowed) : null))) : null,
    h("div", { class: "card stack" },
      h("div", { class: "row spread" }, h("h3", {}, `${doneOf(run)} of ${run.total} animals`), run.status === "running" ? h("span", { class: "soft small" }, doneOf(run) === 0 ? "starting; the very first run compiles the kernels" : doneOf(run) === run.total ? "writing results and figures" : "") : null),
      h("progress", { max: run.total, value: doneOf(run), "aria-label": "Animals done" }),
      run.groups.map((group) => h("div", { class: "mice" }, h("span", { class: "small soft" }, group, ` ${run.done[group] ?? 0}/${run.animals}`),
        h("div", { class: "dots", "aria-hidden": "true" }, Array.from({ length: run.animals }, (_, i) => h("i", { class: i < (run.done[group] ?? 0) ? "on" : "" }))))),
      run.status === "stopped" ? h("p", { class: "soft" }, "This run was stopped. What is done is kept; going on gives the same bits as an undisturbed run.") : null,
      run.status === "elsewhere" ? h("p", { class: "soft" }, "Another process, such as the command line, works on this run.") : null),
    ].filter(Boolean);
  }

  return () => { gone = true; end(); leave?.(); };
}
