// Two dialogs: what to start from, and starting a run.
import { field, h } from "../../lib/dom.js";
import { draft, names, setText, startFrom, blank } from "../../lib/draft.js";
import { get, post } from "../../lib/api.js";
import { problemList, say } from "../../lib/messages.js";
import { refresh } from "../../lib/queue.js";

/** A dialog with a title; dialog.close() takes it away. */
export function dialog(title, ...content) {
  const id = `dialog-${Math.random().toString(36).slice(2)}`;
  const made = h("dialog", { "aria-labelledby": id },
    h("div", { class: "dialog-head" }, h("h2", { id }, title), h("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => made.close() }, "×")), content);
  made.addEventListener("close", () => made.remove());
  made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
  document.body.append(made);
  made.showModal();
  return made;
}

export async function chooseStart() {
  const list = h("div", { class: "sources" }, h("p", { class: "waiting" }, "Loading …"));
  const search = h("input", { type: "search", placeholder: "allocation, Ryan, extinction …", oninput: show });
  const made = dialog("Start from", field("Search", search), list);
  let sources = [];
  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (source) => words.every((word) => [source.id, source.title, source.topic, source.citation].join(" ").toLowerCase().includes(word));
    const chosen = sources.filter(fits);
    const topics = [...new Set(chosen.map((source) => source.topic))];
    list.replaceChildren(
      h("button", { type: "button", class: "source", onclick: () => take(() => setText(blank(), "start")) }, h("strong", {}, "A blank protocol"), h("span", { class: "soft" }, "one context, one group, one test")),
      ...topics.map((topic) => h("section", {}, h("h3", {}, topic || "Built-in paradigms"),
        chosen.filter((source) => source.topic === topic).map((source) => h("button", { type: "button", class: "source", onclick: () => take(() => startFrom(source.id)) },
          h("strong", {}, source.title), h("span", { class: "soft" }, `${source.id} · ${source.groups === 1 ? "1 group" : `${source.groups} groups`} · ${source.days < 1 ? "within a day" : `${Math.round(source.days)} days`}${source.citation ? ` · ${source.citation}` : ""}`))))));
    if (!chosen.length) list.append(h("p", { class: "soft" }, "Nothing of that kind."));
  }
  async function take(how) {
    try { await how(); made.close(); } catch (error) { say(error); }
  }
  try {
    sources = await get("/protocols");
    show();
    search.focus();
  } catch (error) { list.replaceChildren(problemList(error)); }
}

export function startRun(words) {
  const animals = h("input", { type: "number", min: 1, max: 100, value: 12, required: true });
  const seed = h("input", { type: "number", min: 0, step: 1, value: 1, required: true });
  const boxes = words.mechanisms.map((mechanism) => h("label", { class: "check", title: mechanism.summary }, h("input", { type: "checkbox", value: mechanism.name }), mechanism.name));
  const wrong = h("div", {});
  const go = h("button", { class: "primary", type: "submit" }, "Run");
  const groups = names("groups").length;
  const count = h("span", { class: "soft" });
  const tell = () => { count.textContent = `${groups} × ${animals.value || 0} = ${groups * animals.value} virtual animals`; };
  animals.addEventListener("input", tell);
  tell();
  const form = h("form", { class: "stack", onsubmit: async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      const run = await post("/runs", { yaml: draft().yaml, animals: Number(animals.value), seed: Number(seed.value), without: boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value) });
      made.close();
      refresh();
      location.hash = `#/run/${encodeURIComponent(run.id)}`;
    } catch (error) { wrong.replaceChildren(problemList(error)); } finally { go.disabled = false; }
  } },
  h("div", { class: "fields" }, field("Animals in each group", animals), field("Seed", seed, "the same seed gives the same bits")),
  h("details", {}, h("summary", {}, "Switch mechanisms off"), h("div", { class: "boxes" }, boxes)),
  wrong, h("div", { class: "row spread" }, count, go));
  const made = dialog("Run this protocol", form);
  animals.focus();
}
