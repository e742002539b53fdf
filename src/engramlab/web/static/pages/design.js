// Design: one protocol in three views that always agree.
import { h, download } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { canRedo, canUndo, draft, loadDraft, onDraft, redo, setText, startFrom, steps, undo } from "../lib/draft.js";
import { say } from "../lib/messages.js";
import { timeline } from "./design/timeline.js";
import { editor } from "./design/editor.js";
import { stepForm } from "./design/stepform.js";
import { about, cells, groups, places } from "./design/partsform.js";
import { chooseStart, startRun } from "./design/start.js";

const MOST_BYTES = 200_000;
const TABS = [["step", "Step"], ["places", "Places"], ["cells", "Cells"], ["groups", "Groups"], ["about", "About"]];

export async function render(root, [source]) {
  const words = await get("/protocols/vocabulary");
  await loadDraft();
  if (source) {
    await startFrom(source);
    history.replaceState(null, "", "#/design");
  }
  const first = steps().findIndex((step) => step.do === "session");
  let chosen = first < 0 ? null : first, tab = "step"; // a form to begin with rather than an empty place

  const title = h("h1", {}, "Design"), name = h("p", { class: "lead" });
  const state = h("span", { class: "chip", role: "status" });
  const back = h("button", { type: "button", class: "icon", "aria-label": "Undo", title: "Undo", onclick: () => undo().catch(say) }, "↶");
  const forth = h("button", { type: "button", class: "icon", "aria-label": "Redo", title: "Redo", onclick: () => redo().catch(say) }, "↷");
  const run = h("button", { type: "button", class: "primary", onclick: () => startRun(words) }, "Run …");
  const file = h("input", { type: "file", accept: ".yaml,.yml,text/yaml", class: "hidden-text", tabindex: -1, "aria-label": "YAML file", onchange: open });
  const head = h("div", { class: "head" }, h("div", { class: "grow" }, title, name),
    h("div", { class: "row" }, state, back, forth,
      h("button", { type: "button", onclick: chooseStart }, "Start from …"),
      h("button", { type: "button", onclick: () => file.click() }, "Import"), file,
      h("button", { type: "button", onclick: () => download(`${draft().content?.name || "protocol"}.yaml`, draft().yaml, "text/yaml") }, "Export"), run));

  const line = timeline({ select, selected: () => chosen });
  const text = editor();
  const tabs = h("div", { class: "segments", role: "group", "aria-label": "Parts of the protocol" },
    TABS.map(([key, label]) => h("button", { type: "button", dataset: { tab: key }, onclick: () => { tab = key; show(); } }, label)));
  const panel = h("div", { class: "panel" });
  const form = h("section", { class: "card form", "aria-label": "Form" }, h("div", { class: "segments-row" }, tabs), panel);
  root.append(head, line, h("div", { class: "design-columns" }, form, text));

  function select(index) {
    chosen = index;
    tab = "step";
    for (const block of line.querySelectorAll("[data-index]")) block.setAttribute("aria-pressed", String(Number(block.dataset.index) === index));
    show();
  }

  function show() {
    for (const button of tabs.children) button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
    const held = document.activeElement?.dataset?.place, inside = panel.contains(document.activeElement);
    const parts = { places, cells: () => cells(words), groups: () => groups(words), about, step: showStep };
    panel.replaceChildren(draft()?.content ? parts[tab]() : h("p", { class: "soft" }, "The YAML text cannot be read; mend it first."));
    if (inside && held) panel.querySelector(`[data-place="${CSS.escape(held)}"]`)?.focus();
  }

  function showStep() {
    if (chosen !== null && chosen < steps().length) return stepForm(chosen, words, (index) => line.removeStep(index));
    return h("div", { class: "stack" }, h("h3", {}, "No step chosen"), h("p", { class: "soft" }, "Choose a step on the time line to change it here, or add one."));
  }

  function changed(now) {
    name.textContent = now.content ? [now.content.name, now.content.title].filter(Boolean).join(": ") : "";
    const count = now.problems.length;
    state.className = now.valid ? "chip good" : "chip bad";
    state.textContent = now.valid ? "✓ valid" : `✗ ${count} problem${count === 1 ? "" : "s"}`;
    run.disabled = !now.valid;
    back.disabled = !canUndo();
    forth.disabled = !canRedo();
    show();
  }

  async function open() {
    const [given] = file.files;
    file.value = "";
    if (!given) return;
    if (given.size > MOST_BYTES) return say(`${given.name} is too large for a protocol (${given.size} bytes; at most ${MOST_BYTES}).`);
    try { await setText(await given.text(), "file"); say(`${given.name} is open.`); } catch (error) { say(error); }
  }

  const end = onDraft(changed);
  text.start();
  changed(draft());
  return () => { end(); line.dispose(); text.dispose(); };
}
