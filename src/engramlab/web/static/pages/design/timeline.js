// The time line: a lane for what all groups go through and one for each group. Steps are dragged in
// time and between lanes, new ones are dragged in from the palette; all of it works with keys too.
import { h } from "../../lib/dom.js";
import { asList, draft, edit, lengthHours, names, onDraft, part, problemsAt, startHours, steps, timeEdits } from "../../lib/draft.js";
import { say } from "../../lib/messages.js";
import { KINDS, caption, kindOf, marks, neededEdits, newStep } from "./kinds.js";
import { clockTime, duration, scaleOf, snapped } from "./scale.js";

const ROW = 34, AFTER = 26; // pixels of a row of blocks, and between a lane's rows and its end
const ALL = ""; // the lane of all groups

/** Returns the element; select(index) is called when a step is chosen. */
export function timeline({ select, selected }) {
  const lanes = h("div", { class: "lanes" });
  const palette = h("div", { class: "palette", role: "group", "aria-label": "Add a step" });
  const compress = h("button", { type: "button", class: "small", "aria-pressed": "true", onclick: () => {
    compress.setAttribute("aria-pressed", String(compress.getAttribute("aria-pressed") !== "true"));
    draw();
  } }, "Shorten gaps");
  const root = h("section", { class: "card timeline", "aria-label": "Time line" },
    h("div", { class: "row spread" }, palette, compress), lanes,
    h("p", { class: "hint keys" }, "Drag a step to another time or group, or drag a new one in. With keys: ← → move it, Enter opens it, Delete takes it away."));
  let scale = null, refocus = null;

  for (const [kind, about] of Object.entries(KINDS)) {
    const button = h("button", { type: "button", class: `step tone-${about.tone}`, title: about.hint, dataset: { kind } },
      h("span", { "aria-hidden": "true" }, about.symbol), about.title);
    button.addEventListener("pointerdown", (event) => startDrag(event, button, null, kind));
    button.addEventListener("click", () => { if (!button.dragged) add(kind, ALL, null); });
    palette.append(button);
  }

  function draw() {
    const all = steps(), groups = names("groups");
    const width = Math.max(lanes.clientWidth - 120, 420);
    scale = scaleOf(all, width, compress.getAttribute("aria-pressed") === "true");
    const shown = groups.length > 1 ? [ALL, ...groups] : [ALL];
    lanes.replaceChildren(
      ...shown.map((group) => lane(group, all, groups)),
      axis());
    if (refocus !== null) lanes.querySelector(`[data-index="${refocus}"]`)?.focus();
    refocus = null;
  }

  function lane(group, all, groups) {
    const index = groups.indexOf(group);
    const mine = all.map((step, i) => ({ step, i, start: startHours(step) }))
      .filter(({ step }) => {
        const own = asList(step.groups);
        if (groups.length <= 1) return true;
        return group === ALL ? !own.length || !own.some((g) => groups.includes(g)) : own.includes(group);
      });
    const rows = []; // right end of each row
    const blocks = mine.sort((a, b) => (a.start ?? 0) - (b.start ?? 0)).map(({ step, i, start }) => {
      const left = scale.x(start ?? 0), length = lengthHours(step);
      const end = length === null ? scale.width : scale.x((start ?? 0) + length);
      const text = `${caption(step)} ${marks(step)}`;
      const needs = 50 + text.length * 7.9;
      const wide = Math.max(end - left, Math.min(needs, 240), 34);
      let row = rows.findIndex((right) => right <= left + 0.5);
      if (row < 0) row = rows.push(0) - 1;
      rows[row] = left + wide + 3;
      return block(step, i, left, row, wide, end - left);
    });
    const title = group === ALL ? (groups.length > 1 ? "all groups" : groups[0] ?? "all groups") : group;
    const about = group === ALL ? "" : part("groups")[group]?.title ?? "";
    return h("div", { class: "lane", dataset: { lane: group }, style: { height: `${Math.max(rows.length, 1) * ROW + AFTER - 14}px` } },
      h("div", { class: "lane-name", title: about || title },
        index >= 0 ? h("span", { class: `swatch series-${(index % 8) + 1}` }) : null, h("span", {}, title)),
      h("div", { class: "track", style: { width: `${scale.width}px` } }, guides(), blocks));
  }

  function block(step, i, left, row, wide, real) {
    const about = kindOf(step), wrong = problemsAt(`timeline[${i}]`).length > 0;
    const start = startHours(step);
    const words = draft().words?.[i] ?? caption(step);
    const told = `${about.title}: ${words}, ${start === null ? "no time" : clockTime(start)}${wrong ? ", has a problem" : ""}`;
    const element = h("button", {
      type: "button", class: `step block tone-${about.tone}${step.probe ? " probe" : ""}${wrong ? " wrong" : ""}`,
      "aria-label": told, title: told, "aria-pressed": String(selected() === i), dataset: { index: i },
      style: { left: `${left}px`, top: `${row * ROW + 4}px`, width: `${wide}px` },
    },
      h("span", { class: "extent", style: { width: `${Math.min(Math.max(real, 3), wide)}px` } }),
      h("span", { class: "symbol", "aria-hidden": "true" }, wrong ? "!" : about.symbol),
      h("span", { class: "caption" }, caption(step)), h("span", { class: "marks", "aria-hidden": "true" }, marks(step)));
    element.addEventListener("pointerdown", (event) => startDrag(event, element, i, step.do));
    element.addEventListener("click", () => { if (!element.dragged) select(i); });
    element.addEventListener("keydown", (event) => keys(event, i));
    return element;
  }

  function guides() {
    return scale.ticks.map(({ x }) => h("span", { class: "guide", style: { left: `${x}px` } }));
  }

  function axis() {
    let free = -Infinity;
    const labels = scale.ticks.filter(({ x, text }) => {
      if (x < free) return false;
      free = x + text.length * 7 + 14;
      return true;
    }).map(({ x, text, hours }) => h("span", { class: "tick", title: clockTime(hours), style: { left: `${x}px` } }, text));
    const nights = scale.nights.filter(({ from, to, text }) => to - from > text.length * 7 + 8)
      .map(({ from, to, text }) => h("span", { class: "night", style: { left: `${(from + to) / 2}px` } }, text));
    return h("div", { class: "lane axis", "aria-hidden": "true" }, h("div", { class: "lane-name" }, "time"),
      h("div", { class: "track", style: { width: `${scale.width}px` } }, labels, nights));
  }

  function keys(event, i) {
    const step = steps()[i], start = startHours(step);
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      refocus = Math.max(0, i - 1);
      remove(i);
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && start !== null) {
      event.preventDefault();
      const size = event.shiftKey ? 24 : start < 1 ? 1 / 60 : start < 24 ? 1 : 24;
      const to = Math.max(0, start + (event.key === "ArrowLeft" ? -size : size));
      refocus = i;
      change(timeEdits(i, to));
    }
  }

  function startDrag(event, element, index, kind) {
    if (event.button !== 0) return;
    element.dragged = false;
    const origin = { x: event.clientX, y: event.clientY };
    const box = element.getBoundingClientRect();
    const grip = index === null ? 12 : event.clientX - box.left;
    let ghost = null, target = null;
    const move = (at) => {
      if (!ghost) {
        if (Math.hypot(at.clientX - origin.x, at.clientY - origin.y) < 5) return;
        element.dragged = true;
        ghost = h("div", { class: `ghost step tone-${KINDS[kind]?.tone ?? 7}` });
        document.body.append(ghost);
        element.classList.add("lifted");
      }
      at.preventDefault();
      const over = document.elementsFromPoint(at.clientX, at.clientY).find((e) => e.closest?.("[data-lane]"))?.closest("[data-lane]");
      for (const each of lanes.querySelectorAll(".over")) each.classList.remove("over");
      target = null;
      if (over) {
        over.classList.add("over");
        const x = at.clientX - grip - over.querySelector(".track").getBoundingClientRect().left;
        const others = steps().filter((_, i) => i !== index);
        target = { lane: over.dataset.lane, hours: snapped(scale, Math.max(0, x), others) };
      }
      ghost.textContent = target ? `${KINDS[kind]?.title ?? kind} · ${clockTime(target.hours)}` : `${KINDS[kind]?.title ?? kind}`;
      ghost.style.left = `${at.clientX + 8}px`;
      ghost.style.top = `${at.clientY + 10}px`;
    };
    const end = (at) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      ghost?.remove();
      element.classList.remove("lifted");
      for (const each of lanes.querySelectorAll(".over")) each.classList.remove("over");
      setTimeout(() => { element.dragged = false; }, 0); // after the click that follows
      if (!target || at.type === "pointercancel") return;
      if (index === null) add(kind, target.lane, target.hours);
      else drop(index, target, element.closest("[data-lane]")?.dataset.lane);
    };
    addEventListener("pointermove", move, { passive: false });
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  function drop(index, { lane, hours }, from) {
    const changes = hours === startHours(steps()[index]) ? [] : timeEdits(index, hours);
    if (lane !== from) changes.push(...laneEdits(index, from, lane));
    refocus = index;
    if (changes.length) change(changes);
    select(index);
  }

  function laneEdits(index, from, to) {
    const own = asList(steps()[index].groups);
    if (to === ALL) return [{ op: "remove", path: ["timeline", index, "groups"] }];
    const groups = [...new Set([...own.filter((group) => group !== from), to])];
    return [{ op: "put", path: ["timeline", index, "groups"], value: groups }];
  }

  function add(kind, group, hours) {
    const content = draft().content;
    if (!content) return say("The YAML text cannot be read; mend it first.");
    const step = newStep(kind, content), all = steps();
    const last = Math.max(0, ...all.map((each) => startHours(each) ?? 0));
    const when = hours ?? (kind === "session" ? (all.length ? (Math.floor(last / 24) + 1) * 24 : 0) : 0);
    const { do: what, ...rest } = step;
    const time = when > 0 && when < 1 ? { at_minutes: Math.round(when * 60 * 1e6) / 1e6 } : when >= 24 && when % 6 === 0 ? { at_days: when / 24 } : { at_hours: when };
    const value = { do: what, ...("name" in rest ? { name: rest.name } : {}), ...time, ...rest, ...(group === ALL ? {} : { groups: [group] }) };
    refocus = all.length;
    change([...neededEdits(step, content), { op: "put", path: ["timeline", all.length], value }]).then(() => select(all.length));
  }

  const change = (changes) => edit(...changes).catch(say);
  const remove = (i) => change([{ op: "remove", path: ["timeline", i] }]).then(() => select(null));

  const sizes = new ResizeObserver(draw);
  sizes.observe(lanes);
  const end = onDraft(draw);
  root.draw = draw;
  root.dispose = () => { sizes.disconnect(); end(); };
  root.removeStep = remove;
  return root;
}

export { duration };
