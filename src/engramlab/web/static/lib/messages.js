// What went wrong, and other short messages.
import { h } from "./dom.js";
import { LabError } from "./api.js";

const problemsOf = (error) => (error instanceof LabError ? error.problems : [{ what: `This page has a fault: ${error?.message ?? error}` }]);

/** A list of problems for the place where they belong. */
export function problemList(error) {
  return h("div", { role: "alert" }, h("ul", { class: "problems" }, problemsOf(error).map((problem) =>
    h("li", {},
      problem.where || problem.line ? h("span", { class: "where" }, [problem.line ? `line ${problem.line}` : null, problem.where].filter(Boolean).join(", ")) : null,
      h("span", { class: "what" }, problem.what),
      problem.allowed ? h("span", { class: "allowed" }, problem.allowed) : null))));
}

/** A message at the corner that goes away; an error or a text. */
export function say(message, { seconds = 6 } = {}) {
  const wrong = typeof message !== "string";
  const text = wrong ? problemsOf(message).map((p) => [p.what, p.allowed].filter(Boolean).join(" ")).join(" ") : message;
  const note = h("div", { class: wrong ? "message wrong" : "message" }, text,
    h("button", { class: "icon", type: "button", "aria-label": "Close", onclick: () => note.remove() }, "×"));
  document.getElementById("messages").append(note);
  setTimeout(() => note.remove(), seconds * 1000 * (wrong ? 2 : 1));
}

/** What a page shows where there is nothing yet: what it would show, and how to get there. */
export const empty = (title, text, ...actions) =>
  h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text), actions.length ? h("p", { class: "actions" }, actions) : null);

/** A line while something is on its way. */
export const waiting = (text = "Loading …") => h("p", { class: "waiting", role: "status" }, text);
