// Controls of the form: each shows one place of the protocol and changes it.
import { field, h, options } from "../../lib/dom.js";
import { asList, edit, problemsAt } from "../../lib/draft.js";
import { say } from "../../lib/messages.js";

export const send = (...edits) => edit(...edits).catch(say);
export const put = (path, value) => send({ op: "put", path, value });
export const drop = (path) => send({ op: "remove", path });
export const place = (path) => path.reduce((text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${part}` : part), "");

/** A field with the problems of its place below it. */
function placed(label, control, path, hint) {
  const wrong = problemsAt(place(path));
  const made = field(label, control, hint);
  if (wrong.length) {
    control.setAttribute("aria-invalid", "true");
    const told = h("p", { class: "field-problem", id: `${control.id}-wrong` }, wrong.map(({ what, allowed }) => [what, allowed].filter(Boolean).join(": ")).join("; "));
    control.setAttribute("aria-describedby", told.id);
    made.append(told);
  }
  control.dataset.place = place(path);
  return made;
}

export function text(label, path, value, hint) {
  return placed(label, h("input", { type: "text", value: value ?? "", onchange: (event) => {
    const given = event.target.value;
    if (given === "" && path.at(-1) !== "name" && path.at(-1) !== "title") drop(path);
    else put(path, given);
  } }), path, hint);
}

export function long(label, path, value) {
  return placed(label, h("textarea", { rows: 3, value: value ?? "", onchange: (event) => (event.target.value ? put(path, event.target.value) : drop(path)) }), path);
}

/** A number; an empty field takes it away. */
export function number(label, path, value, { min, max, step = "any", hint, placeholder } = {}) {
  return placed(label, h("input", { type: "number", value: value ?? "", min, max, step, placeholder, onchange: (event) => {
    const given = event.target.value;
    if (given === "") drop(path);
    else put(path, Number(given));
  } }), path, hint);
}

/** Several numbers with commas between them. */
export function numbers(label, path, value, hint) {
  return placed(label, h("input", { type: "text", inputmode: "decimal", value: asList(value).join(", "), onchange: (event) => {
    const given = event.target.value.split(/[,;\s]+/).filter(Boolean).map(Number);
    if (given.some(Number.isNaN)) { event.target.setAttribute("aria-invalid", "true"); say("Numbers with commas between them, as in 2.5, 3.5"); return; }
    put(path, given);
  } }), path, hint);
}

/** One of some names; `none` is what no choice is called, and may not be chosen when absent. */
export function choice(label, path, value, entries, { none, hint, onpick } = {}) {
  const known = entries.map((entry) => (Array.isArray(entry) ? entry[0] : entry));
  const all = [...(none === undefined ? [] : [["", none]]), ...entries, ...(value && !known.includes(value) ? [[value, `${value} (unknown)`]] : [])];
  return placed(label, h("select", { value: value ?? "", onchange: (event) => {
    const given = event.target.value;
    if (onpick) onpick(given);
    else if (given === "") drop(path);
    else put(path, given);
  } }, options(all)), path, hint);
}

/** Any of some names, as boxes. `all` says that none ticked means all of them. */
export function several(label, path, value, entries, { single = false, all = false } = {}) {
  const chosen = new Set(asList(value));
  const isOn = (name) => (all && value === undefined) || chosen.has(name);
  const change = (name, on) => {
    const now = entries.filter((entry) => (entry === name ? on : isOn(entry)));
    if (!now.length || (all && now.length === entries.length)) drop(path);
    else put(path, single && now.length === 1 ? now[0] : now);
  };
  const wrong = problemsAt(place(path));
  return h("fieldset", { class: "field", dataset: { place: place(path) } }, h("legend", {}, label),
    h("div", { class: "boxes" }, entries.map((name) => h("label", { class: "check" },
      h("input", { type: "checkbox", checked: isOn(name), dataset: { place: `${place(path)}:${name}` }, onchange: (event) => change(name, event.target.checked) }), name))),
    wrong.length ? h("p", { class: "field-problem" }, wrong.map(({ what }) => what).join("; ")) : null);
}

export function check(label, path, value) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", checked: Boolean(value), dataset: { place: place(path) }, onchange: (event) => (event.target.checked ? put(path, true) : drop(path)) }), label);
}

/** The name of an entry of a part; renames what refers to it too. */
export function nameOf(part, name) {
  return placed("Name", h("input", { type: "text", value: name, onchange: (event) => {
    const given = event.target.value.trim();
    if (given && given !== name) send({ op: "rename", part, old: name, new: given }).then(() => {});
    else event.target.value = name;
  } }), [part, name, ":name"]);
}

export const button = (text, onclick, kind = "quiet") => h("button", { type: "button", class: kind, onclick }, text);
