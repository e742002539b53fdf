// The YAML text with line numbers, colours and the lines of problems.
import { debounced, h } from "../../lib/dom.js";
import { draft, onDraft, redo, setText, undo } from "../../lib/draft.js";
import { say } from "../../lib/messages.js";

export function editor() {
  const gutter = h("div", { class: "gutter", "aria-hidden": "true" });
  const colours = h("pre", { class: "colours", "aria-hidden": "true" });
  const area = h("textarea", { id: "yaml", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": "Protocol as YAML", "aria-describedby": "yaml-problems" });
  const problems = h("ul", { class: "problems", id: "yaml-problems" });
  const root = h("section", { class: "card editor", "aria-label": "YAML" },
    h("div", { class: "code" }, gutter, h("div", { class: "text" }, colours, area)), problems);
  const send = debounced(() => setText(area.value).catch(say), 200);

  area.addEventListener("input", () => { paint(); send(); });
  area.addEventListener("scroll", follow);
  area.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      (event.shiftKey ? redo : undo)().catch(say);
    }
  });

  function follow() {
    colours.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
    gutter.firstElementChild?.style.setProperty("transform", `translateY(${-area.scrollTop}px)`);
  }

  function paint() {
    const lines = area.value.split("\n");
    const wrong = new Set((draft()?.problems ?? []).map(({ line }) => line));
    colours.replaceChildren(...lines.flatMap((line) => [...coloured(line), "\n"]));
    gutter.replaceChildren(h("div", {}, lines.map((_, i) => h("span", { class: wrong.has(i + 1) ? "wrong" : null }, i + 1))));
    follow();
  }

  function goTo(line) {
    const before = area.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    area.focus();
    area.setSelectionRange(before, before + (area.value.split("\n")[line - 1]?.length ?? 0));
    area.scrollTop = (line - 4) * parseFloat(getComputedStyle(area).lineHeight);
    area.scrollLeft = 0;
  }

  function show(now, from) {
    if (area.value !== now.yaml && !(from === "text" && document.activeElement === area)) {
      const { scrollTop, selectionStart } = area;
      area.value = now.yaml;
      if (document.activeElement === area) area.setSelectionRange(selectionStart, selectionStart);
      area.scrollTop = scrollTop;
    }
    area.setAttribute("aria-invalid", String(!now.valid));
    paint();
    problems.replaceChildren(...now.problems.map((problem) => h("li", {},
      problem.line || problem.where ? h("button", { type: "button", class: "where quiet", onclick: () => problem.line && goTo(problem.line) }, [problem.line ? `line ${problem.line}` : "", problem.where].filter(Boolean).join(" · ")) : null,
      h("span", { class: "what" }, problem.what), problem.allowed ? h("span", { class: "allowed" }, problem.allowed) : null)));
  }

  root.start = () => { if (draft()) show(draft(), "load"); };
  root.dispose = onDraft(show);
  return root;
}

const TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"|'[^']*')|([A-Za-z_][\w-]*)(?=:(?:\s|$|\{|\[))|(\b\d+(?:\.\d+)?\b)|(\btrue\b|\bfalse\b)/g;

function coloured(line) {
  const parts = [];
  let last = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match[1] && match.index > 0 && !/\s/.test(line[match.index - 1])) continue;
    parts.push(line.slice(last, match.index));
    const kind = match[1] ? "comment" : match[2] ? "string" : match[3] ? "key" : "value";
    parts.push(h("span", { class: `y-${kind}` }, match[0]));
    last = match.index + match[0].length;
  }
  parts.push(line.slice(last));
  return parts;
}
