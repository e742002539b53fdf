// One finding: what was published, what is asked, what the model gave, and the runs behind it.
import { field, h, options } from "../../lib/dom.js";
import { get, post, url } from "../../lib/api.js";
import { chart, intervals, rounded, safe } from "../../lib/chart.js";
import { SYMBOLS, colour, groupColour } from "../../lib/colours.js";
import { say } from "../../lib/messages.js";
import { refresh } from "../../lib/queue.js";
import { LABELS } from "../run/charts.js";
import { MARKS, markOf } from "./marks.js";

export async function findingPage(catalogue, id, scorecard) {
  const finding = catalogue.findings.find((each) => each.id === id);
  if (!finding) throw new Error(`there is no finding '${id}'`);
  const [saved, runs, protocol] = await Promise.all([get("/evidence/scorecards"), get("/runs"), get(`/protocols/${url(id)}`)]);
  const card = saved.length ? await get(`/evidence/scorecards/${url(scorecard)}`).catch(() => null) : null;
  const held = card?.findings.find((each) => each.id === id), outcome = held?.outcomes[0];
  const mark = markOf(held), figures = outcome ? charts(finding, outcome) : [];
  const root = h("article", { class: "stack finding" },
    h("a", { href: "#/evidence" }, "← All findings"),
    h("div", { class: "row" }, h("h2", { class: "title" }, finding.title), h("span", { class: `chip ${mark === "pass" ? "good" : mark === "fail" ? "bad" : ""}` }, `${MARKS[mark].symbol} ${MARKS[mark].text}`)),
    h("p", { class: "claim" }, finding.claim),
    h("p", { class: "soft" }, finding.citation, finding.doi ? [" · ", h("a", { href: `https://doi.org/${finding.doi}`, rel: "noreferrer noopener", target: "_blank" }, finding.doi)] : null, ` · ${finding.topic}, ${finding.tier}${finding.counted ? "" : ", not counted"}`),
    actions(finding, protocol.yaml),
    outcome?.error ? h("p", { class: "problem" }, `It could not be run with this brain: ${outcome.error}`) : null,
    predicates(finding, outcome, held),
    figures.length ? h("div", { class: "grid" }, figures) : null,
    behind(finding, runs, held),
    h("div", { class: "grid" },
      finding.published_values.length ? h("section", { class: "card stack" }, h("h3", {}, "Published"), h("ul", {}, finding.published_values.map((value) => h("li", {}, h("strong", {}, `${value.what}: `), `${value.value} `, h("span", { class: "soft small" }, `(${value.provenance}; ${value.confidence} confidence)`))))) : null,
      finding.explanation || finding.contradicting || finding.not_tested.length ? h("section", { class: "card stack" }, h("h3", {}, "Beside it"),
        finding.explanation ? h("p", {}, h("strong", {}, "Why the model fails: "), finding.explanation) : null,
        finding.contradicting ? h("p", {}, h("strong", {}, "Other results: "), finding.contradicting) : null,
        finding.not_tested.length ? h("p", {}, h("strong", {}, "Not tested: "), finding.not_tested.join("; ")) : null) : null));
  root.dispose = () => { for (const figure of figures) figure.dispose(); };
  return root;
}

function actions(finding, yaml) {
  const animals = h("input", { type: "number", min: 2, max: 100, value: finding.animals }), seed = h("input", { type: "number", min: 0, value: 1 });
  const numbers = () => ({ animals: Number(animals.value), seed: Number(seed.value) });
  return h("div", { class: "card row end" }, h("div", { class: "narrow" }, field("Animals a group", animals)), h("div", { class: "narrow" }, field("Seed", seed)),
    h("button", { type: "button", class: "primary", onclick: () => post("/evidence/scorecards", { only: [finding.id], ...numbers() }).then(refresh).catch(say) }, "Evaluate"),
    h("button", { type: "button", onclick: () => post("/evidence/ablations", { only: [finding.id], ...numbers() }).then(refresh).catch(say) }, "Ablate"),
    h("button", { type: "button", onclick: () => post("/runs", { yaml, ...numbers() }).then((run) => { refresh(); location.hash = `#/run/${url(run.id)}`; }).catch(say) }, "Run"),
    h("a", { class: "button", href: `#/design/${url(finding.id)}` }, "Design from it"));
}

/** What has to hold, with the margin by which it does as a small picture. */
function predicates(finding, outcome, held) {
  const verdicts = outcome?.predicates ?? [];
  return h("section", { class: "card stack" }, h("h3", {}, "What must hold"), h("ul", { class: "predicates" }, finding.predicates.map((predicate, i) => {
    const verdict = verdicts.find((each) => each.expr === predicate.expr) ?? null;
    const mark = !verdict ? "none" : verdict.passed ? "pass" : "fail";
    const several = held && held.outcomes.length > 1 ? ` · in ${Math.round((held.predicate_shares[i] ?? 0) * held.outcomes.length)} of ${held.outcomes.length} seeds` : "";
    return h("li", {}, h("span", { class: `mark ${mark}`, role: "img", "aria-label": MARKS[mark].text }, MARKS[mark].symbol),
      h("div", {}, h("p", {}, predicate.words), h("p", { class: "soft small" }, [predicate.kind, predicate.control ? "control" : "", predicate.soft ? "soft: decides nothing" : "", predicate.why].filter(Boolean).join(" · "), several), h("code", { class: "small" }, predicate.expr)),
      verdict ? margin(verdict) : h("span", {}));
  })));
}

function margin(verdict) {
  const [low, high] = verdict.interval, value = verdict.margin;
  if (value === null) return h("p", { class: "soft small" }, "no value");
  const most = Math.max(Math.abs(low ?? value), Math.abs(high ?? value), Math.abs(value), 1e-9) * 1.1, x = (v) => `${50 + (v / most) * 50}%`;
  return h("div", { class: "margin" },
    h("div", { class: "margin-plot", role: "img", "aria-label": `margin ${rounded(value)}, 95 % interval ${rounded(low)} to ${rounded(high)}` },
      h("i", { class: "zero" }), h("i", { class: "span", style: { left: x(low ?? value), width: `calc(${x(high ?? value)} - ${x(low ?? value)})` } }), h("i", { class: `point ${verdict.passed ? "pass" : "fail"}`, style: { left: x(value) } })),
    h("p", { class: "small soft" }, `margin ${rounded(value)} (${rounded(low)} to ${rounded(high)})`));
}

/** A chart for each kind of measure that the predicates name. */
function charts(finding, outcome) {
  const groups = Object.keys(finding.groups), kinds = new Map();
  for (const [text, values] of Object.entries(outcome.measures ?? {})) {
    const name = text.slice(0, text.indexOf("[")), [group, ...places] = [...text.matchAll(/"([^"]*)"/g)].map((match) => match[1]);
    const numbers = values.filter((value) => value !== null);
    if (!numbers.length) continue;
    if (!kinds.has(name)) kinds.set(name, []);
    kinds.get(name).push({ group, label: `${group}\n${places.filter(Boolean).join(" ")}`, values: numbers });
  }
  return [...kinds].map(([name, columns]) => {
    const label = LABELS[name] ?? name.replaceAll("_", " ");
    const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
    const make = () => ({
      grid: { top: 34 }, tooltip: { trigger: "item", formatter: ({ data }) => `${safe(columns[Math.round(data[0])]?.label ?? "")}: <b>${rounded(data[1])}</b>` },
      xAxis: { type: "value", min: -0.5, max: columns.length - 0.5, splitLine: { show: false }, axisTick: { show: false }, axisLabel: { customValues: columns.map((_, i) => i), formatter: (i) => columns[i]?.label ?? "", interval: 0, hideOverlap: false, rotate: columns.length > 4 ? 35 : 0, fontSize: 11 } },
      yAxis: { type: "value", name: label, nameTextStyle: { align: "left", padding: [0, 0, 4, -30] } },
      series: columns.flatMap((column, i) => {
        const index = Math.max(0, groups.indexOf(column.group)), ink = groupColour(index);
        return [{ type: "scatter", symbol: SYMBOLS[index % 8], symbolSize: 8, itemStyle: { color: ink, opacity: 0.5 }, data: column.values.map((value, n) => [i + ((((n + 1) * 0.618) % 1) - 0.5) * 0.45, value]) },
          intervals(column.group, [[i, mean(column.values), null, null]], colour("--ink"))];
      }),
    });
    return chart(make, { title: label, name: `${finding.id}-${name}`, height: "20rem", description: `${label}, mean: ${columns.map((column) => `${column.label.replace("\n", " ")} ${rounded(mean(column.values))}`).join("; ")}.`,
      csv: () => [["group and place", "value"], ...columns.flatMap((column) => column.values.map((value) => [column.label.replace("\n", " "), value]))],
      numbers: () => [["group and place", "mean", "animals"], ...columns.map((column) => [column.label.replace("\n", " "), mean(column.values), String(column.values.length)])] });
  });
}

/** Results folders whose animals went through this protocol. */
export function behind(finding, runs, held, without = "") {
  const mine = runs.filter((run) => run.protocol === finding.protocol && (without ? run.switched_off.includes(without) : true));
  return h("section", { class: "card stack" }, h("h3", {}, "Runs behind it"),
    held?.from ? h("p", { class: "small" }, `The verdict is from the evaluation ${held.from}, ${held.outcomes.map((outcome) => `seed ${outcome.seed} with ${outcome.animals} animals a group`).join(", ")}.`) : null,
    mine.length ? h("ul", { class: "plain" }, mine.map((run) => h("li", {}, h("a", { href: `#/run/${url(run.id)}` }, run.id), h("span", { class: "soft small" }, ` ${run.status}, ${run.animals} animals a group, seed ${run.seed}${run.switched_off.length ? `, without ${run.switched_off.join(", ")}` : ""}`))))
      : h("p", { class: "soft" }, "No run of this protocol in the results folder yet; 'Run' makes one with every neuron recorded."),
    h("p", { class: "hint" }, "An evaluation sends the same animals (twins) through every group; a run makes animals of their own for each group, so its numbers differ a little."));
}
export { options };
