// Evidence: which published findings hold, and what each mechanism carries.
import { h, options } from "../lib/dom.js";
import { get, post, url } from "../lib/api.js";
import { empty, problemList, say } from "../lib/messages.js";
import { onRuns, refresh } from "../lib/queue.js";
import { findingPage } from "./evidence/finding.js";
import { matrixPage } from "./evidence/matrix.js";
import { MARKS, markOf } from "./evidence/marks.js";

let chosen = "newest"; // scorecard, kept while the page is open
let catalogue = null;

export async function render(root, parts) {
  catalogue ??= await get("/evidence/findings");
  const tabs = h("nav", { class: "segments links", "aria-label": "Evidence" },
    [["", "Findings"], ["ablation", "Ablation"]].map(([name, text]) => h("a", { href: `#/evidence${name ? `/${name}` : ""}`, "aria-current": (parts[0] === "ablation") === (name === "ablation") ? "page" : null }, text)));
  const head = h("div", { class: "head" }, h("div", { class: "grow" }, h("h1", {}, "Evidence"),
    h("p", { class: "lead" }, "Published findings as claims that a program can check, and what becomes of them when a mechanism is switched off.")), tabs);
  const jobs = h("div", { class: "stack", "aria-live": "polite" }), place = h("div", { class: "stack" });
  root.append(head, jobs, place);

  let working = new Set(), leave = null, gone = false;
  const end = onRuns((_, all) => {
    const mine = all.filter((job) => job.kind !== "run");
    jobs.replaceChildren(...mine.map(jobCard));
    const now = new Set(mine.filter((job) => job.state !== "failed").map((job) => job.id));
    const ended = [...working].filter((id) => !now.has(id));
    working = now;
    if (ended.length) draw().catch(say);
  });

  async function draw() {
    const next = parts[0] === "ablation" ? await matrixPage(catalogue, parts[1], parts[2])
      : parts[0] === "finding" ? await findingPage(catalogue, parts[1], chosen)
        : await overview();
    if (gone) { next.dispose?.(); return; }
    leave?.();
    leave = next.dispose ?? null;
    place.replaceChildren(next);
  }
  await draw();
  return () => { gone = true; end(); leave?.(); };

  function jobCard(job) {
    const what = `${job.kind === "ablate" ? "Ablation" : "Evaluation"} of ${job.only.length ? job.only.join(", ") : "all findings"}`;
    return h("div", { class: "card stack" },
      h("div", { class: "row spread" }, h("strong", {}, what), h("span", { class: "row" }, h("span", { class: `chip ${job.state === "failed" ? "bad" : "accent"}` }, job.state),
        h("button", { type: "button", class: "small", onclick: () => post(`/jobs/${url(job.id)}/cancel`).then(refresh).catch(say) }, job.state === "failed" ? "Dismiss" : "Cancel"))),
      job.state === "failed" ? job.problems.map((p) => h("p", { class: "problem" }, [p.where, p.what, p.allowed].filter(Boolean).join(": ")))
        : h("progress", { ...(job.total ? { max: job.total, value: job.done } : {}), "aria-label": what }));
  }
}

async function overview() {
  const saved = await get("/evidence/scorecards");
  if (chosen !== "newest" && !saved.some((each) => each.id === chosen)) chosen = "newest";
  const card = saved.length ? await get(`/evidence/scorecards/${url(chosen)}`) : null;
  const outcome = new Map((card?.findings ?? []).map((finding) => [finding.id, finding]));
  const search = h("input", { type: "search", placeholder: "Search", "aria-label": "Search findings", oninput: show });
  const filter = h("select", { "aria-label": "Which findings", onchange: show }, options([["all", "all"], ["pass", "that hold"], ["fail", "that fail"], ["none", "not evaluated"]]));
  const which = h("select", { "aria-label": "Evaluation", value: chosen, onchange: () => { chosen = which.value; dispatchEvent(new HashChangeEvent("hashchange")); } },
    options([["newest", "newest result of each finding"], ...saved.map((each) => [each.id, `${each.id}: ${Math.round(each.held * 10) / 10} of ${each.counted}${each.switched_off.length ? `, without ${each.switched_off.join(", ")}` : ""}`])]));
  const topics = h("div", { class: "topics" });
  const evaluateAll = h("button", { type: "button", class: saved.length ? "" : "primary", onclick: () => post("/evidence/scorecards", {}).then(refresh).catch(say) }, "Evaluate all");
  const { overall } = card ?? {};
  const tally = overall ? h("p", { class: "tally" }, h("strong", {}, `${Math.round(overall.held * 10) / 10} of ${overall.of}`), ` hold with all their controls${overall.of < catalogue.findings.filter((f) => f.counted).length ? `; ${catalogue.findings.filter((f) => f.counted).length - overall.of} are not evaluated here` : ""}.`)
    : h("p", { class: "tally" }, h("strong", {}, String(catalogue.findings.length)), " findings; none is evaluated in this results folder yet. All of them take some minutes; each one alone takes seconds.");

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (finding) => words.every((word) => [finding.id, finding.title, finding.topic, finding.claim, finding.citation].join(" ").toLowerCase().includes(word))
      && (filter.value === "all" || markOf(outcome.get(finding.id)) === filter.value);
    const found = catalogue.findings.filter(fits);
    topics.replaceChildren(...[...new Set(found.map((finding) => finding.topic))].sort().map((topic) => {
      const mine = found.filter((finding) => finding.topic === topic), scored = mine.filter((finding) => finding.counted && outcome.has(finding.id));
      const held = scored.filter((finding) => markOf(outcome.get(finding.id)) === "pass").length;
      return h("section", { class: "card topic" },
        h("div", { class: "row spread" }, h("h2", {}, topic), scored.length ? h("span", { class: "soft small" }, `${held} of ${scored.length}`) : null),
        h("ul", {}, mine.map((finding) => {
          const mark = markOf(outcome.get(finding.id));
          return h("li", {}, h("a", { href: `#/evidence/finding/${finding.id}`, title: finding.claim },
            h("span", { class: `mark ${mark}`, role: "img", "aria-label": MARKS[mark].text }, MARKS[mark].symbol),
            h("span", {}, finding.title, h("span", { class: "soft small" }, ` ${finding.id}${finding.counted ? "" : " · contested, not counted"}`))));
        })));
    }));
    if (!found.length) topics.append(empty("Nothing of that kind", "Another search may find it."));
  }
  show();
  return h("div", { class: "stack" },
    h("div", { class: "row spread" }, tally, evaluateAll),
    h("div", { class: "filters" }, search, filter, saved.length ? which : null),
    topics,
    h("details", { class: "card" }, h("summary", {}, `Out of scope: ${catalogue.out_of_scope.length} findings that this laboratory cannot test`),
      h("ul", {}, catalogue.out_of_scope.map((each) => h("li", {}, h("strong", {}, each.title), ` (${each.citation}): ${each.reason}`)))));
}
