// Analyse: a file of real data, measured as 'engramlab analyze' does, beside a finished run.
import { field, h, options } from "../lib/dom.js";
import { get, post, upload, url } from "../lib/api.js";
import { problemList, waiting } from "../lib/messages.js";
import { figuresOf } from "./analyse/figures.js";

const MOST_BYTES = 100e6;
const COLUMNS = [["animal", "animal *"], ["value", "value *"], ["measure", "measure"], ["condition", "condition"], ["hours", "hours"], ["group", "group"], ["experiment", "experiment"]];
let kept = null; // what was dropped last, so that another tab of the page does not lose it

/** Messages name the flags of the command line; here the same is a field. */
function inPageWords(error) {
  for (const problem of error.problems ?? []) {
    for (const key of ["what", "allowed", "where"]) {
      problem[key] = String(problem[key] ?? "").replace(/--column (\w+)=\S+/g, "'Column: $1'").replace(/--tell (\w+)=\S+/g, "'$1' under 'What the file does not say'").replace(/--format (\S+)/g, "the format $1")
        .replace("--training-condition", "'Test in the same place'").replace("--novel-condition", "'Test in another place'");
    }
  }
  return error;
}

export async function render(root) {
  const [formats, runs] = await Promise.all([get("/analyses/formats"), get("/runs")]);
  const file = h("input", { type: "file", id: "data-file", accept: ".csv,.tsv,.txt,.gz,.xlsx,.nwb,.hdf5,.h5,.mat,.nc", class: "hidden-text", onchange: () => file.files[0] && take(file.files[0]) });
  const drop = h("label", { class: "drop", for: "data-file" }, file, h("strong", {}, "Drop a file here, or choose one"),
    h("span", { class: "soft" }, "Scores or cell counts as CSV, TSV or Excel; calcium imaging as NWB and others. At most 100 MB; it stays on this machine."));
  for (const [event, on] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    drop.addEventListener(event, (e) => { e.preventDefault(); drop.classList.toggle("over", on); });
  }
  drop.addEventListener("drop", (event) => { const [given] = event.dataTransfer.files; if (given) take(given); });
  const settings = h("div", {}), result = h("div", { class: "stack", "aria-live": "polite" });
  let figures = [], asked = 0;
  root.append(h("div", {}, h("h1", {}, "Analyse"), h("p", { class: "lead" }, "Your data, with the same measures as the model's: means with 95 % bootstrap intervals, discrimination, effect sizes.")), drop, settings, result);
  const clear = () => { for (const figure of figures) figure.dispose?.(); figures = []; };

  async function take(given) {
    clear();
    settings.replaceChildren();
    if (given.size > MOST_BYTES) return result.replaceChildren(h("p", { class: "problem", role: "alert" }, `${given.name} has ${(given.size / 1e6).toFixed(0)} MB; at most 100 MB are taken.`));
    result.replaceChildren(waiting(`Reading ${given.name} …`));
    try {
      const format = /\.nwb$/i.test(given.name) ? "nwb" : undefined; // of others the ending does not say it
      kept = { file: await upload(`/analyses?name=${url(given.name)}`, given), chosen: { format } };
      show();
      await analyse();
    } catch (error) { result.replaceChildren(problemList(error)); } finally { file.value = ""; }
  }

  async function analyse() {
    const number = ++asked;
    clear();
    result.replaceChildren(waiting("Measuring …"));
    try {
      const found = await post(`/analyses/${url(kept.file.id)}`, kept.chosen);
      if (number !== asked) return;
      figures = figuresOf(found, kept.file.name);
      result.replaceChildren(
        found.kind === "scores" ? "" : h("pre", { class: "card summary" }, found.summary),
        found.beside ? h("p", { class: "chip accent" }, found.beside) : "",
        h("div", { class: "grid" }, figures));
    } catch (error) {
      if (number !== asked) return;
      result.replaceChildren(problemList(inPageWords(error)));
      for (const part of settings.querySelectorAll("details")) part.open = true;
    }
  }

  function show() {
    const { chosen } = kept, columns = kept.file.columns, named = Object.keys(columns);
    chosen.columns ??= { columns: {}, where: {} };
    chosen.told ??= {};
    const set = (target, name) => (event) => { if (event.target.value) target[name] = event.target.value; else delete target[name]; };
    const condition = () => columns[chosen.columns.columns.condition ?? "condition"] ?? [];
    const values = (list) => h("datalist", { id: "condition-values" }, list.map((value) => h("option", { value })));
    const name = (key, label, usual, list) => field(label, h("input", { type: "text", value: chosen.columns[key] ?? "", placeholder: usual, list, onchange: set(chosen.columns, key) }));
    const list = h("div", {}, values(condition()));
    const format = h("select", { value: chosen.format ?? "", onchange: () => { set(chosen, "format")({ target: format }); show(); } }, options([["", "recognise it"], ...formats.map((one) => [one.name, `${one.name}: ${one.title}`])]));
    const asks = formats.find((one) => one.name === chosen.format)?.asks ?? [];
    const complete = runs.filter((run) => run.status === "complete");
    const run = h("select", { value: chosen.run ?? "", onchange: () => { set(chosen, "run")({ target: run }); delete chosen.training; delete chosen.novel; show(); } }, options([["", "none"], ...complete.map((each) => [each.id, each.id])]));
    const contexts = h("div", { class: "fields wide" });
    if (chosen.run) fillContexts(contexts, chosen, set);
    settings.replaceChildren(h("form", { class: "card stack", onsubmit: (event) => { event.preventDefault(); analyse(); } },
      h("div", { class: "row spread" }, h("h2", {}, kept.file.name), h("span", { class: "soft small" }, kept.file.size_bytes > 1e5 ? `${(kept.file.size_bytes / 1e6).toFixed(1)} MB` : `${(kept.file.size_bytes / 1e3).toFixed(1)} kB`)),
      h("div", { class: "fields" }, field("Format", format), field("Beside a finished run", run, complete.length ? "probes of its protocol at the same hours" : "there is none yet")),
      chosen.run ? contexts : null,
      h("details", { open: named.length > 0 && !(named.includes("animal") && named.includes("value")) }, h("summary", {}, "What is called what"),
        h("div", { class: "stack" },
          named.length ? h("div", { class: "fields" }, COLUMNS.map(([ours, label]) => field(`Column: ${label}`, h("select", { value: chosen.columns.columns[ours] ?? (named.includes(ours) ? ours : ""), onchange: (event) => {
            set(chosen.columns.columns, ours)(event);
            if (ours === "condition") list.replaceChildren(values(condition()));
          } }, options([["", "none"], ...named]))))) : null,
          h("div", { class: "fields" }, name("freezing", "Freezing measure", "freezing"), name("training", "Test in the same place", "training", "condition-values"), name("novel", "Test in another place", "novel", "condition-values"), name("discrimination", "Condition of indices", "discrimination", "condition-values"), list))),
      asks.length ? h("details", { open: asks.some((ask) => ask.when === "always") }, h("summary", {}, "What the file does not say"), h("div", { class: "fields" }, asks.map((ask) =>
        field(ask.name, h("input", { type: "text", placeholder: ask.example, value: chosen.told[ask.name] ?? "", onchange: set(chosen.told, ask.name) }), `${ask.what}${ask.when ? `; needed ${ask.when === "always" ? "" : `when ${ask.when}`}` : ""}`)))) : null,
      h("div", {}, h("button", { class: "primary", type: "submit" }, "Analyse"))));
  }

  async function fillContexts(place, chosen, set) {
    try {
      const { yaml } = await get(`/runs/${url(chosen.run)}/protocol`), { content } = await post("/protocols/check", { yaml });
      const names = Object.keys(content.contexts);
      place.replaceChildren(...[["training", "Its context that is the same place"], ["novel", "Its context that is another place"]].map(([key, label]) =>
        field(label, h("select", { value: chosen[key] ?? "", onchange: set(chosen, key) }, options([["", "find it"], ...names])))));
    } catch (error) { place.replaceChildren(problemList(error)); }
  }

  if (kept) { show(); await analyse(); }
  return () => { asked += 1; clear(); };
}
