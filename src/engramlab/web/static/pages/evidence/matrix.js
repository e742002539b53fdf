// The ablation matrix: findings by mechanisms. A cell opens what became of each predicate.
import { h, options } from "../../lib/dom.js";
import { get, post, url } from "../../lib/api.js";
import { rounded } from "../../lib/chart.js";
import { empty, say } from "../../lib/messages.js";
import { refresh } from "../../lib/queue.js";
import { dialog } from "../design/start.js";
import { behind } from "./finding.js";
import { MARKS, STATES } from "./marks.js";

export async function matrixPage(catalogue, id) {
  const saved = await get("/evidence/ablations");
  if (!saved.length) {
    return empty("No ablation in this results folder yet", "Open a finding and choose 'Ablate': it is scored again without each mechanism. 'engramlab ablate' does it for all findings, which takes long; its folder appears here.",
      h("a", { class: "button primary", href: "#/evidence" }, "Findings"));
  }
  const chosen = saved.find((each) => each.id === id) ?? saved[0];
  const matrix = await get(`/evidence/ablations/${url(chosen.id)}`);
  const which = h("select", { "aria-label": "Ablation", value: chosen.id, onchange: () => { location.hash = `#/evidence/ablation/${url(which.value)}`; } }, options(saved.map((each) => [each.id, `${each.id} (${each.findings} findings${each.complete ? "" : ", unfinished"})`])));
  const holding = h("input", { type: "checkbox", checked: matrix.findings.length > 30, onchange: draw });
  const place = h("div", { class: "matrix table", tabindex: 0, role: "region", "aria-label": "Ablation matrix" });
  const titles = new Map(catalogue.findings.map((finding) => [finding.id, finding]));
  const falls = (mechanism) => matrix.findings.filter((name) => matrix.cells[mechanism][name].state === "falls").length;

  function draw() {
    const rows = matrix.findings.filter((name) => !holding.checked || matrix.cells[""][name].state === "holds");
    place.replaceChildren(h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Finding"), h("th", { scope: "col" }, "Full brain"), matrix.mechanisms.map((name) => h("th", { scope: "col", class: "turned" }, h("span", {}, name.replaceAll("_", " ")))))),
      h("tbody", {}, rows.map((name, y) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#/evidence/finding/${name}`, title: titles.get(name)?.title }, name)),
        h("td", {}, full(matrix.cells[""][name])), matrix.mechanisms.map((mechanism, x) => h("td", {}, cell(mechanism, name, x, y)))))),
      h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, "findings that fall"), h("td", {}), matrix.mechanisms.map((name) => h("td", {}, h("strong", {}, falls(name) || "")))))));
    if (!rows.length) place.replaceChildren(h("p", { class: "soft" }, "None of these findings holds with the full brain, so none can fall."));
  }
  const full = ({ state }) => { const mark = state === "holds" ? "pass" : "fail"; return h("span", { class: `mark ${mark}`, role: "img", "aria-label": MARKS[mark].text }, MARKS[mark].symbol); };

  /** Only one cell is a stop of the Tab key; arrows go to the others. */
  function cell(mechanism, name, x, y) {
    const { state } = matrix.cells[mechanism][name];
    return h("button", { type: "button", class: `cell ${state.replace("/", "")}`, tabindex: x || y ? -1 : 0, dataset: { x, y }, title: `${name} without ${mechanism}: ${STATES[state].text}`,
      "aria-label": `${name} without ${mechanism}: ${STATES[state].text}`, onclick: () => open(mechanism, name), onkeydown: (event) => move(event, x, y) }, STATES[state].symbol);
  }
  function move(event, x, y) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const next = (dx || dy) && place.querySelector(`[data-x="${x + dx}"][data-y="${y + dy}"]`);
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  async function open(mechanism, name) {
    const finding = titles.get(name), before = matrix.cells[""][name], after = matrix.cells[mechanism][name];
    const margin = (line) => (line ? `${line.passed ? "✓" : "✗"} ${rounded(line.margin)} (${rounded(line.low)} to ${rounded(line.high)})` : "–");
    const place = h("div", { class: "waiting" }, "Loading …");
    const made = dialog(`${finding.title} without ${mechanism.replaceAll("_", " ")}`,
      h("p", {}, h("strong", {}, STATES[after.state].text), after.error ? `: ${after.error}` : ""),
      after.lines.length ? h("div", { class: "table", tabindex: 0, role: "region", "aria-label": "Predicates" }, h("table", {}, h("thead", {}, h("tr", {}, ["What must hold", "Full brain: margin", "Without"].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, finding.predicates.map((predicate, i) => h("tr", {}, h("td", {}, predicate.words, predicate.control ? h("span", { class: "soft" }, " (control)") : ""), h("td", {}, margin(before.lines[i])), h("td", { class: before.lines[i]?.passed !== after.lines[i]?.passed ? "turned-over" : null }, margin(after.lines[i]))))))) : null,
      place);
    const [runs, protocol] = await Promise.all([get("/runs"), get(`/protocols/${url(name)}`)]);
    const run = (without) => post("/runs", { yaml: protocol.yaml, animals: matrix.animals ?? finding.animals, seed: matrix.seed, without }).then((started) => { made.close(); refresh(); location.hash = `#/run/${url(started.id)}`; }).catch(say);
    place.replaceWith(behind(finding, runs, null, mechanism), h("div", { class: "row" },
      h("button", { type: "button", class: "primary", onclick: () => run([mechanism]) }, `Run without ${mechanism}`), h("button", { type: "button", onclick: () => run([]) }, "Run with the full brain"), h("a", { class: "button", href: `#/evidence/finding/${name}`, onclick: () => made.close() }, "The finding")));
  }

  draw();
  return h("div", { class: "stack" },
    h("div", { class: "filters" }, which, h("label", { class: "check" }, holding, "only findings that hold with the full brain")),
    h("p", { class: "soft small legend" }, Object.entries(STATES).filter(([state]) => state !== "unknown").map(([state, { symbol, text }]) => h("span", {}, h("span", { class: `cell ${state.replace("/", "")}`, "aria-hidden": "true" }, symbol), ` ${text}`))),
    h("div", { class: "card" }, place));
}
