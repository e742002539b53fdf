// The results of a finished run.
import { h, options } from "../../lib/dom.js";
import { get, url } from "../../lib/api.js";
import { problemList, waiting } from "../../lib/messages.js";
import { comparison, dots, labelOf, overDays, overlapMatrix, titleOf } from "./charts.js";

const query = (measure) => new URLSearchParams({ measure: measure.measure, region: measure.region, tag: measure.tag, cells: measure.cells });

/** Fill place with the charts of a run; returns what to do on leaving. */
export async function showResults(place, run) {
  place.replaceChildren(waiting("Reading the results …"));
  const measures = await get(`/runs/${url(run.id)}/measures`);
  const values = (measure) => get(`/runs/${url(run.id)}/values?${query(measure)}`);
  const figures = new Set();
  const keep = (figure) => { figures.add(figure); return figure; };
  const groups = run.groups;
  let probesOnly = true;

  // 1. Behaviour, or whatever is chosen: every animal, and groups compared.
  const kinds = [...new Set(measures.map((m) => m.measure))];
  const find = (kind) => measures.filter((m) => m.measure === kind);
  const kind = h("select", { "aria-label": "Measure", value: "freezing", onchange: () => pick() }, options(kinds.map((k) => [k, labelOf({ measure: k })])));
  const which = h("select", { "aria-label": "Of what", onchange: () => main() });
  const probes = h("input", { type: "checkbox", checked: true, onchange: () => { probesOnly = probes.checked; main(); } });
  const bar = h("div", { class: "row results-bar" }, h("h2", { class: "grow" }, "Results"), h("label", { class: "check" }, probes, "tests only"), kind, which);
  const first = h("div", { class: "grid wide-first" });
  const rest = h("div", { class: "grid" });
  place.replaceChildren(bar, first, rest);

  function pick() {
    const all = find(kind.value);
    which.replaceChildren(...options(all.map((m, i) => [String(i), [m.region, m.tag, m.cells].filter(Boolean).join(" · ") || titleOf(m)])));
    which.hidden = all.length <= 1;
    return main();
  }
  let asked = 0;
  async function main() {
    const measure = find(kind.value)[Number(which.value || 0)], number = ++asked;
    const found = await values(measure);
    if (number !== asked) return;
    for (const old of first.children) { old.dispose?.(); figures.delete(old); }
    const told = { groups, probes: () => probesOnly && found.rows.some((row) => row.probe) };
    first.replaceChildren(keep(dots(run, found, told)), ...(found.comparisons.length ? [keep(comparison(run, found, told))] : []));
  }

  // 2. Discrimination, reactivation and overlap, where the protocol allows them.
  async function more() {
    const discrimination = find("discrimination")[0];
    if (discrimination) rest.append(keep(overDays(run, await values(discrimination), { groups })));
    const reactivation = find("reactivation_over_chance");
    if (reactivation.length) await choosable(reactivation, (m) => `${m.region} · ${m.tag}`, async (m, controls) => dots(run, await values(m), { groups, controls }), reactivation.findIndex((m) => m.region === "CA1"));
    const regions = [...new Set(find("engram_size").map((m) => m.region))];
    if (regions.length) {
      const entries = regions.flatMap((region) => groups.map((group) => ({ region, group })));
      await choosable(entries, (entry) => `${entry.region} · ${entry.group}`, async (entry, controls) =>
        overlapMatrix(run, await get(`/runs/${url(run.id)}/session-overlap?region=${url(entry.region)}`), entry.group, controls), Math.max(0, entries.findIndex((entry) => entry.region === "CA1")));
    }
  }

  /** A chart with a choice beside its title. */
  async function choosable(entries, text, make, start = 0) {
    const select = h("select", { "aria-label": "Of what", value: String(Math.max(start, 0)) }, options(entries.map((entry, i) => [String(i), text(entry)])));
    let figure = await make(entries[Number(select.value)], select);
    rest.append(keep(figure));
    select.addEventListener("change", async () => {
      const next = await make(entries[Number(select.value)], select);
      figure.replaceWith(next);
      figure.dispose();
      figures.delete(figure);
      figure = keep(next);
      select.focus();
    });
  }

  await pick();
  more().catch((error) => rest.append(problemList(error)));
  return () => { for (const figure of figures) figure.dispose(); };
}
