// The protocol being designed. Its YAML text is the truth; time line and form are views of it and
// change it through the server, which keeps comments and checks it as the command line would.
import { get, post, url } from "./api.js";

const KEY = "engramlab-draft";
const BLANK = `engramlab: 1
name: my-study
title: ""
contexts:
  A: {}
groups:
  fear: {title: shocked in A}
timeline:
  - {do: session, name: training, at_hours: 0, context: A, minutes: 5, shocks: {at_minutes: [2.5, 3.5], shock_mA: 0.75}}
  - {do: session, name: test, at_days: 1, context: A, minutes: 3, probe: true}
`;

const listeners = new Set();
let now = null; // {yaml, valid, problems, content, words, days}
let undone = [], done = []; // texts
let asked = 0; // number of the last check, so that a late answer does not win
let edits = Promise.resolve(); // one after the other: each starts from the text before it

export const draft = () => now;
export const canUndo = () => done.length > 0;
export const canRedo = () => undone.length > 0;
export const blank = () => BLANK;

/** Call fn(draft, from) at each change; returns a function that ends it. */
export function onDraft(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}

function become(checked, from) {
  now = checked;
  try { sessionStorage.setItem(KEY, checked.yaml); } catch { /* private window */ }
  for (const listener of listeners) listener(now, from);
}

function remember() {
  if (!now || done.at(-1) === now.yaml) return;
  done.push(now.yaml);
  if (done.length > 200) done.shift();
  undone = [];
}

/** The draft of this tab; at first a paradigm, so that nobody starts from an empty page. */
export async function loadDraft() {
  if (now) return now;
  let kept = null;
  try { kept = sessionStorage.getItem(KEY); } catch { /* private window */ }
  become(kept ? await post("/protocols/check", { yaml: kept }) : await get("/protocols/contextual-fear"), "load");
  return now;
}

/** Replace the whole text, from the editor or a file. */
export async function setText(yaml, from = "text") {
  if (now && yaml === now.yaml) return;
  const number = ++asked;
  const checked = await post("/protocols/check", { yaml });
  if (number !== asked) return;
  remember();
  become(checked, from);
}

/** Take a built-in protocol. */
export async function startFrom(id) {
  const checked = await get(`/protocols/${url(id)}`);
  ++asked;
  remember();
  become(checked, "start");
}

/** Change the text: edits are {op: "put", path, value}, {op: "remove", path}, {op: "rename", part, old, new}. */
export function edit(...changes) {
  edits = edits.catch(() => {}).then(async () => {
    const checked = await post("/protocols/edit", { yaml: now.yaml, edits: changes });
    ++asked;
    remember();
    become(checked, "edit");
  });
  return edits;
}

async function step(from, to) {
  if (!from.length) return;
  const yaml = from.pop();
  to.push(now.yaml);
  const number = ++asked;
  const checked = await post("/protocols/check", { yaml });
  if (number === asked) become(checked, "undo");
}
export const undo = () => step(done, undone);
export const redo = () => step(undone, done);

// What the views read out of the content, which may be half-finished: nothing may be relied on.

const mapping = (value) => (value && typeof value === "object" && !Array.isArray(value) ? value : {});
export const names = (part) => Object.keys(mapping(now?.content?.[part]));
export const part = (name) => mapping(now?.content?.[name]);
export const steps = () => (Array.isArray(now?.content?.timeline) ? now.content.timeline.map(mapping) : []);
export const asList = (value) => (Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]);
export const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** When a step starts, in hours; null where it does not say. */
export function startHours(step) {
  const [m, h, d] = [number(step.at_minutes), number(step.at_hours), number(step.at_days)];
  return m !== null ? m / 60 : h !== null ? h : d !== null ? d * 24 : null;
}

/** How long it lasts, in hours; null for good. */
export const lengthHours = (step) =>
  step.do === "session" ? (number(step.minutes) ?? 0) / 60 : step.do === "lesion" ? null : number(step.hours);

/** The fields that put a step at an hour, in the unit that reads best; the others are taken away. */
export function timeEdits(index, hours) {
  const rounded = (value) => Math.round(value * 1e6) / 1e6;
  const [unit, value] = hours > 0 && hours < 1 ? ["at_minutes", rounded(hours * 60)]
    : hours >= 24 && Math.abs((hours * 4) / 24 - Math.round((hours * 4) / 24)) < 1e-9 ? ["at_days", rounded(hours / 24)]
      : ["at_hours", rounded(hours)];
  return [
    ...["at_minutes", "at_hours", "at_days"].filter((name) => name !== unit && name in steps()[index])
      .map((name) => ({ op: "remove", path: ["timeline", index, name] })),
    { op: "put", path: ["timeline", index, unit], value },
  ];
}

/** Problems of one place, as "timeline[2]"; those within it too. */
export const problemsAt = (place) =>
  (now?.problems ?? []).filter(({ where }) => where === place || where?.startsWith(`${place}.`) || where?.startsWith(`${place}[`));
