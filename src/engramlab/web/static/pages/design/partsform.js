// Forms of everything that is not a step: places, cues, tags, cells, groups, and what it is about.
import { h } from "../../lib/dom.js";
import { names, part, draft } from "../../lib/draft.js";
import { button, choice, drop, long, nameOf, number, numbers, put, send, several, text } from "./controls.js";
import { freshName } from "./kinds.js";

const entry = (kind, name, fields) => h("div", { class: "entry" }, nameOf(kind, name), fields,
  button("Take away", () => drop([kind, name])));

const list = (title, hint, kind, stem, value, fields) => h("section", { class: "stack" },
  h("div", { class: "row spread" }, h("h3", {}, title),
    button("Add", () => put([kind, freshName(typeof stem === "function" ? stem() : stem, names(kind))], value()))),
  h("p", { class: "hint" }, hint),
  names(kind).map((name) => entry(kind, name, fields(name, part(kind)[name] ?? {}, [kind, name]))));

export const places = () => h("div", { class: "stack" },
  list("Contexts", "Places. A similar place shares that part of its features with another.", "contexts",
    () => "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("").find((letter) => !names("contexts").includes(letter)) ?? "place", () => ({}), (name, context, path) => [
      choice("Similar to", [...path, "similar_to"], context.similar_to, names("contexts").filter((other) => other !== name), {
        none: "none", onpick: (other) => put(path, other ? { similar_to: other, similarity: context.similarity ?? 0.5 } : {}) }),
      context.similar_to ? number("Similarity", [...path, "similarity"], context.similarity, { min: 0, max: 1, step: 0.05, hint: "0 to 1" }) : null,
    ]),
  list("Cues", "Tones and lights that the animal perceives.", "cues", "tone", () => ({}), () => []));

const SETS = [["tagged", "tagged cells"], ["share", "random share"], ["as_many_as", "as many as"], ["ids", "given numbers"]];

export const cells = (words) => h("div", { class: "stack" },
  list("Tags", "A label for cells that are active while its window is open.", "tags", "engram", () => ({}), (name, tag, path) => [
    number("Threshold", [...path, "threshold"], tag.threshold, { min: 0, max: 1, step: 0.05, placeholder: "0.3", hint: "peak activity" })]),
  list("Cells", "Named sets of cells for light, virus, lesion and silencing.", "cells", "cells",
    () => (names("tags").length ? { tagged: names("tags")[0], region: "DG" } : { region: "DG", share: 0.1 }), (name, set, path) => {
      const kind = SETS.find(([key]) => key in set)?.[0] ?? "tagged";
      const first = { tagged: names("tags")[0] ?? "engram", share: 0.1, as_many_as: names("cells").find((other) => other !== name) ?? name, ids: [0] };
      const populations = words.populations[set.region] ?? [];
      return [
        choice("Which", [...path, ":kind"], kind, SETS, { onpick: (to) => put(path, { [to]: first[to], region: set.region ?? "DG" }) }),
        kind === "tagged" ? choice("Tag", [...path, "tagged"], set.tagged, names("tags"))
          : kind === "share" ? number("Share", [...path, "share"], set.share, { min: 0, max: 1, step: 0.05 })
            : kind === "ids" ? numbers("Numbers", [...path, "ids"], set.ids)
              : [choice("As many as", [...path, "as_many_as"], set.as_many_as, names("cells").filter((other) => other !== name)),
                choice("Outside", [...path, "outside"], set.outside, names("cells").filter((other) => other !== name), { none: "anywhere" })],
        choice("Region", [...path, "region"], set.region, words.regions),
        populations.length && kind !== "ids" ? choice("Population", [...path, "population"], set.population, populations, { none: "all" }) : null,
      ];
    }));

export const groups = (words) => h("div", { class: "stack" },
  list("Groups", "Groups differ in steps that name them, and may differ in the brain.", "groups", "group", () => ({}), (name, group, path) => [
    text("Title", [...path, "title"], group.title),
    h("details", { class: "wide", open: Boolean(group.without?.length || Object.keys(group.parameters ?? {}).length) }, h("summary", {}, "A changed brain"),
      several("Mechanisms switched off", [...path, "without"], group.without, words.mechanisms.map((m) => m.name)),
      h("div", { class: "stack" }, Object.entries(group.parameters ?? {}).map(([key, value]) => {
        const known = words.parameters.find((p) => p.name === key);
        return h("div", { class: "fields" }, number(key, [...path, "parameters", key], value, known ? { min: known.low, max: known.high, hint: `${known.low} to ${known.high} ${known.unit}, default ${known.value}` } : {}));
      })),
      choice("Change a parameter", [...path, ":new"], "", words.parameters.filter((p) => !(p.name in (group.parameters ?? {}))).map((p) => [p.name, `${p.name} (${p.value} ${p.unit})`]), {
        none: "choose …", onpick: (key) => key && send({ op: "put", path: [...path, "parameters", key], value: words.parameters.find((p) => p.name === key).value }) })),
  ]));

export const about = () => {
  const content = draft()?.content ?? {};
  return h("div", { class: "stack" }, h("h3", {}, "About"),
    text("Name", ["name"], content.name, "letters, digits, - and _; results are kept under it"), text("Title", ["title"], content.title),
    long("Description", ["description"], content.description), long("Citation", ["citation"], content.citation));
};
