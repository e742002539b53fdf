// The form of one step.
import { field, h, options } from "../../lib/dom.js";
import { asList, names, part, startHours, steps } from "../../lib/draft.js";
import { button, check, choice, drop, number, numbers, put, send, several, text } from "./controls.js";
import { kindOf } from "./kinds.js";
import { clockTime } from "./scale.js";

const UNITS = { at_minutes: ["minutes", 1 / 60], at_hours: ["hours", 1], at_days: ["days", 24] };
const VIRUSES = [["CREB", "CREB: excitable for good"], ["hM3Dq", "hM3Dq: driven by its ligand"], ["hM4Di", "hM4Di: held down by its ligand"], ["KAT5", "KAT5: open chromatin"]];

export function stepForm(index, words, remove) {
  const step = steps()[index], path = ["timeline", index], about = kindOf(step);
  if (!step) return h("p", {}, "No such step.");
  const start = startHours(step), groups = names("groups");
  const fields = FIELDS[step.do]?.(step, path, words) ?? [h("p", { class: "hint" }, "The form does not know this kind of step; change it in the YAML text.")];
  return h("div", { class: "stack" },
    h("div", { class: "row spread" }, h("h3", {}, h("span", { class: `swatch tone-${about.tone}` }), ` ${about.title}`),
      h("div", { class: "row" }, button("Copy", () => copy(step)), button("Take away", () => remove(index), "quiet"))),
    h("p", { class: "hint" }, about.hint),
    h("div", { class: "fields" }, when(step, path, start), fields),
    groups.length > 1 ? several("Groups", [...path, "groups"], step.groups, groups, { all: true }) : null);
}

function copy(step) {
  const count = steps().length;
  const value = structuredClone(step);
  if (value.name && value.do === "session") value.name = `${value.name}-copy`;
  send({ op: "put", path: ["timeline", count], value });
}

function when(step, path, start) {
  const unit = Object.keys(UNITS).find((name) => name in step) ?? "at_hours";
  const select = h("select", { "aria-label": "Unit of its time", value: unit, dataset: { place: "unit" }, onchange: (event) => {
    const to = event.target.value, value = Math.round(((start ?? 0) / UNITS[to][1]) * 1e6) / 1e6;
    send({ op: "remove", path: [...path, unit] }, { op: "put", path: [...path, to], value });
  } }, options(Object.entries(UNITS).map(([name, [title]]) => [name, title])));
  const input = h("input", { type: "number", min: 0, step: "any", value: step[unit] ?? "", dataset: { place: "time" }, onchange: (event) => put([...path, unit], Number(event.target.value)) });
  const made = field("Starts at", h("span", {}), start === null ? null : `${clockTime(start)}`);
  made.querySelector("span").replaceWith(h("div", { class: "pair" }, input, select));
  made.querySelector("label").htmlFor = input.id = `time-${path.join("-")}`;
  return made;
}

const hours = (step, path, hint) => number("Lasts, hours", [...path, "hours"], step.hours, { min: 0, hint });

const target = (step, path, words, kinds) => {
  const now = kinds.find((kind) => kind in step) ?? kinds[0];
  const title = { region: "Regions", cells: "A set of cells", projection: "Projections" };
  const first = { region: "CA1", cells: names("cells")[0] ?? "cells", projection: "PFC-BLA" };
  return [
    choice("Of what", [...path, ":target"], now, kinds.map((kind) => [kind, title[kind]]), { onpick: (kind) => send({ op: "remove", path: [...path, now] }, { op: "put", path: [...path, kind], value: first[kind] }) }),
    now === "region" ? several("Regions", [...path, "region"], step.region, words.regions, { single: true })
      : now === "cells" ? choice("Cells", [...path, "cells"], step.cells, names("cells"))
        : several("Projections", [...path, "projection"], step.projection, words.projections, { single: true }),
  ];
};

const FIELDS = {
  session: (step, path) => [
    text("Name", [...path, "name"], step.name),
    choice("Context", [...path, "context"], step.context, names("contexts")),
    number("Lasts, minutes", [...path, "minutes"], step.minutes, { min: 0.5, step: 0.5 }),
    h("div", { class: "wide" }, check("Probe: a test on a copy of the animal, which changes nothing", [...path, "probe"], step.probe)),
    shocks(step, path), cues(step, path), reward(step, path), light(step, path),
  ],
  tag: (step, path) => [choice("Tag", [...path, "name"], step.name, names("tags")), hours(step, path)],
  drug: (step, path, words) => [
    choice("Drug", [...path, "drug"], step.drug, words.drugs),
    hours(step, path),
    number("Amount", [...path, "amount"], step.amount, { min: 0, max: 3, step: 0.1, placeholder: "1", hint: "1 is a full local dose" }),
    several("Regions (none: whole brain)", [...path, "region"], step.region, words.regions, { single: true }),
  ],
  virus: (step, path) => [
    choice("Cells", [...path, "cells"], step.cells, names("cells")),
    choice("What", [...path, "what"], step.what ?? "CREB", VIRUSES, { onpick: (what) => send(
      { op: "put", path: [...path, "what"], value: what },
      ...(what === "KAT5" ? [{ op: "remove", path: [...path, "excitability"] }, { op: "put", path: [...path, "acetylation"], value: step.acetylation ?? 0.5 }]
        : [{ op: "remove", path: [...path, "acetylation"] }, { op: "put", path: [...path, "excitability"], value: (what === "hM4Di" ? -1 : 1) * Math.abs(step.excitability ?? 1) }])) }),
    step.what === "KAT5" ? number("Acetylation", [...path, "acetylation"], step.acetylation, { min: 0, max: 1, step: 0.1 })
      : number("Excitability", [...path, "excitability"], step.excitability, { min: -5, max: 5, step: 0.1, hint: "negative for hM4Di" }),
    hours(step, path, "empty: for good"),
  ],
  stress: (step, path) => [number("Intensity", [...path, "intensity"], step.intensity, { min: 0, max: 1, step: 0.1, placeholder: "1" }), hours(step, path)],
  housing: (step, path) => [number("Neurogenesis", [...path, "neurogenesis"], step.neurogenesis, { min: 0, max: 10, step: 0.5, hint: "1 is a standard cage" }), hours(step, path)],
  sleep_deprivation: (step, path) => [hours(step, path)],
  replay_block: (step, path) => [hours(step, path)],
  lesion: (step, path, words) => target(step, path, words, ["region", "cells"]),
  silence: (step, path, words) => [...target(step, path, words, ["region", "cells", "projection"]), hours(step, path)],
};

/** A part of a session that is there or not. */
const section = (title, there, add, fields, remove) => h("div", { class: "section wide" },
  h("div", { class: "row spread" }, h("h4", {}, title), there ? (remove ? button("Take away", remove) : null) : button("Add", add)),
  there ? h("div", { class: "fields" }, fields) : null);

function shocks(step, path) {
  const here = [...path, "shocks"];
  return section("⚡ Shocks", step.shocks, () => put(here, { at_minutes: [Math.min(2.5, Math.max(0, (step.minutes ?? 3) - 0.5))], shock_mA: 0.75 }), [
    numbers("At minutes", [...here, "at_minutes"], step.shocks?.at_minutes, "of the session"),
    number("Current, mA", [...here, "shock_mA"], step.shocks?.shock_mA, { min: 0, max: 3, step: 0.05 }),
  ], () => drop(here));
}

function cues(step, path) {
  const given = asList(step.cue), many = Array.isArray(step.cue), here = [...path, "cue"];
  const at = (i) => (many ? [...here, i] : here);
  const add = () => {
    const name = names("cues")[0] ?? "tone", value = { name, at_minutes: [1], seconds: 30 };
    send(...(name in part("cues") ? [] : [{ op: "put", path: ["cues", name], value: {} }]),
      given.length ? { op: "put", path: here, value: [...given, value] } : { op: "put", path: here, value });
  };
  const rows = given.map((cue, i) => h("div", { class: "wide fields" },
    choice("Cue", [...at(i), "name"], cue?.name, names("cues")),
    numbers("At minutes", [...at(i), "at_minutes"], cue?.at_minutes),
    number("Seconds", [...at(i), "seconds"], cue?.seconds, { min: 1, placeholder: "30" }),
    button("Take away", () => (given.length > 1 ? put(here, given.filter((_, other) => other !== i)) : drop(here)))));
  return section("♪ Cues", given.length > 0, add, [...rows, button("Add another cue", add)]);
}

function reward(step, path) {
  const here = [...path, "reward"];
  return section("★ Reward", step.reward, () => put(here, { whole: true }), [
    choice("When", [...here, ":when"], step.reward?.whole ? "whole" : "at", [["whole", "throughout"], ["at", "at minutes"]], { onpick: (to) => put(here, to === "whole" ? { whole: true } : { at_minutes: [1] }) }),
    step.reward?.whole ? null : numbers("At minutes", [...here, "at_minutes"], step.reward?.at_minutes),
    number("Amount", [...here, "amount"], step.reward?.amount, { min: 0, max: 1, step: 0.1, placeholder: "1" }),
  ], () => drop(here));
}

function light(step, path) {
  const given = asList(step.light), here = [...path, "light"];
  const add = () => {
    const cells = names("cells")[0], value = { cells: cells ?? "engram-DG", effect: "drive" };
    const made = cells ? [] : [
      ...(names("tags").length ? [] : [{ op: "put", path: ["tags", "engram"], value: {} }]),
      { op: "put", path: ["cells", "engram-DG"], value: { tagged: names("tags")[0] ?? "engram", region: "DG" } },
    ];
    send(...made, { op: "put", path: here, value: [...given, value] });
  };
  const rows = given.map((each, i) => h("div", { class: "wide fields" },
    choice("Cells", [...here, i, "cells"], each?.cells, names("cells")),
    choice("Effect", [...here, i, "effect"], each?.effect, [["drive", "drive"], ["silence", "silence"]]),
    number("From minute", [...here, i, "from_minutes"], each?.from_minutes, { min: 0, step: 0.5, placeholder: "0" }),
    number("To minute", [...here, i, "to_minutes"], each?.to_minutes, { min: 0, step: 0.5, placeholder: "end" }),
    button("Take away", () => (given.length > 1 ? drop([...here, i]) : drop(here)))));
  return section("☀ Light", given.length > 0, add, [...rows, button("Add another light", add)]);
}
