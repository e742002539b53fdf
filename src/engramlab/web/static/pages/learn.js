// Guided tours on live animals: text, what is done, what to look at, a question, a small run.
import { get, post, url } from "../lib/api.js";
import { chart } from "../lib/chart.js";
import { colour, groupColour, SYMBOLS } from "../lib/colours.js";
import { h } from "../lib/dom.js";
import { problemList, waiting } from "../lib/messages.js";
import { Animal, Bench } from "../brain/bench.js";
import { viewer } from "../brain/viewer.js";

const DONE = "engramlab-tours";
const done = () => { try { return JSON.parse(localStorage.getItem(DONE)) ?? []; } catch { return []; } };
function finished(id) {
  try { localStorage.setItem(DONE, JSON.stringify([...new Set([...done(), id])])); } catch { /* private window */ }
}

/** The address is #/learn, or #/learn/TOUR/STEP with steps from 1. */
export async function render(root, [id, step]) {
  if (!id) return list(root);
  return tour(root, await get(`/tours/${url(id)}`), Math.max(0, (Number(step) || 1) - 1));
}

async function list(root) {
  const tours = await get("/tours"), seen = done();
  root.append(h("div", { class: "stack" }, h("h1", {}, "Learn"), h("p", { class: "lead" }, "Tours of a few minutes, each on live animals and each about a published finding. What the model shows and what it does not is measured in front of you.")),
    h("ul", { class: "grid learn-list" }, tours.map((one, number) => h("li", { class: "card stack" },
      h("div", { class: "row spread" }, h("h2", {}, `${number + 1}. ${one.title}`), seen.includes(one.id) ? h("span", { class: "chip good" }, "✓ done") : ""),
      h("p", { class: "learn-question" }, one.question),
      h("p", { class: "hint" }, one.sources.map((source) => short(source)).join(" · ")),
      h("p", { class: "row" }, h("a", { class: "button primary", href: `#/learn/${url(one.id)}/1`, "aria-label": `Start the tour ${one.title}` }, "Start"), h("span", { class: "soft small" }, `${one.minutes} minutes, ${one.steps} steps`))))));
}

/** "Liu 2012"; some findings are compiled from several papers. */
function short(source) {
  const author = source.citation.split(" ")[0], year = source.citation.match(/\((\d{4})\)/)?.[1] ?? "";
  return author.startsWith("compiled") ? "several papers" : `${author} ${year}`;
}

async function tour(root, about, first) {
  const { tour: told, actions } = about;
  const animals = new Map(); // name -> Animal, as it is at the step shown
  let shown = null, at = -1, last = Promise.resolve();
  let figures = [];

  const title = h("h2", { tabindex: "-1" });
  const count = h("p", { class: "soft small" });
  const text = h("p", { class: "learn-text" });
  const extra = h("div", { class: "stack" });
  const back = h("button", { type: "button", onclick: () => go(at - 1) }, "‹ Back");
  const next = h("button", { type: "button", class: "primary", onclick: () => { if (at >= told.steps.length) go(0); else if (at === told.steps.length - 1) end(); else go(at + 1); } });
  const dots = h("ol", { class: "learn-dots", "aria-label": "Steps" }, told.steps.map((one, i) => h("li", {}, h("button", { type: "button", "aria-label": `Step ${i + 1}: ${one.title}`, title: one.title, onclick: () => go(i) }))));
  const who = h("div", { class: "segments", role: "group", "aria-label": "Animal shown" });
  const place = h("div", { class: "stack" }, waiting("Waking the animal …"));
  root.append(
    h("div", { class: "row spread" }, h("h1", {}, told.title), h("a", { class: "button quiet", href: "#/learn" }, "All tours")),
    h("div", { class: "learn-layout" },
      h("section", { class: "card stack learn-card", "aria-label": "Tour" }, count, title, text, extra, h("div", { class: "row spread learn-steps" }, back, dots, next)),
      h("div", { class: "stack" }, who, place)));

  async function go(step) {
    if (step < 0 || step >= told.steps.length) return;
    const one = told.steps[step];
    for (const figure of figures) figure.dispose();
    figures = [];
    at = step;
    history.replaceState(null, "", `#/learn/${url(told.id)}/${step + 1}`);
    title.textContent = one.title;
    count.textContent = `Step ${step + 1} of ${told.steps.length}`;
    text.textContent = one.text;
    extra.replaceChildren();
    back.disabled = step === 0;
    next.textContent = step === told.steps.length - 1 ? "Finish" : "Next ›";
    [...dots.children].forEach((dot, i) => { if (i === step) dot.firstChild.setAttribute("aria-current", "step"); else dot.firstChild.removeAttribute("aria-current"); });
    if (one.claim) extra.append(claimCard(one.claim, step));
    if (one.question) extra.append(questionCard(one.question));
    const names = Object.keys(actions[step]);
    who.hidden = names.length < 2;
    who.replaceChildren(...names.map((name) => h("button", { type: "button", "aria-pressed": "false", onclick: () => inTurn(name, step) }, name)));
    title.focus({ preventScroll: true });
    if (matchMedia("(max-width: 60rem)").matches) title.scrollIntoView({ block: "start" });
    await inTurn(one.look.animal, step, true);
  }
  /** One after another; what is not looked at any more is left out. */
  function inTurn(name, step, first = false) {
    last = last.then(async () => {
      if (step !== at) return;
      try {
        await show(name, step, first);
      } catch (error) { place.replaceChildren(problemList(error)); }
    });
    return last;
  }

  async function show(name, step, first = false) {
    const wanted = actions[step][name];
    if (!animals.has(name)) {
      // A twin is shown with the past that it shares.
      animals.set(name, new Animal({ seed: told.seed, places: about.places, without: told.without }));
    }
    const animal = animals.get(name);
    const before = animal.film?.length ?? 0;
    const grows = animal.film && JSON.stringify(wanted.slice(0, animal.actions.length)) === JSON.stringify(animal.actions);
    if (!grows && animal.film) { animal.film = null; animal.actions = []; }
    const same = grows && wanted.length === animal.actions.length;
    if (!same) await animal.become(wanted);
    for (const button of who.children) button.setAttribute("aria-pressed", String(button.textContent === name));
    const one = told.steps[step];
    shown?.dispose();
    shown = viewer(animal.film, { name: `${told.id}-${name}`, overlap: () => new Bench(animal).overlap() });
    const which = shown.figures[one.look.chart];
    place.replaceChildren(shown.stage, h("div", { class: "grid brain-charts" }, which ?? "", shown.counts));
    // What is new is played once: from where the last step ended.
    const from = first && grows && !same ? before : animal.film.length - 1;
    shown.look({ colour: one.look.colour, engram: one.look.engram, tag: one.look.tag, regions: one.look.regions, index: Math.min(from, animal.film.length - 1) });
    if (from < animal.film.length - 1) shown.play();
  }

  function questionCard(question) {
    const answer = h("p", { role: "status" });
    const buttons = question.choices.map((choice, i) => h("button", { type: "button", onclick: () => {
      const right = i === question.answer;
      buttons.forEach((button, j) => { button.setAttribute("aria-pressed", String(i === j)); button.classList.toggle("learn-right", j === question.answer); });
      answer.replaceChildren(h("strong", {}, right ? "Yes. " : "Not so. "), question.why);
    } }, choice));
    return h("fieldset", { class: "learn-box stack" }, h("legend", {}, "Question"), h("p", {}, question.ask), h("div", { class: "stack learn-choices" }, buttons), answer);
  }

  function claimCard(claim, step) {
    const result = h("div", { class: "stack", role: "status" });
    const button = h("button", { type: "button", onclick: run }, `Try it with ${claim.animals} animals`);
    async function run() {
      button.disabled = true;
      result.replaceChildren(waiting("Running them …"));
      try {
        const found = await post(`/tours/${url(told.id)}/steps/${step}/claim`);
        const figure = chart(() => compared(found.comparison), { title: found.comparison.measure === "freezing" ? "Freezing, %" : "Overlap, × chance", name: `${told.id}-${step + 1}`, description: found.words, height: "15rem",
          csv: () => [["animal", ...Object.keys(found.comparison.values)], ...Object.values(found.comparison.values)[0].map((_, i) => [i + 1, ...Object.values(found.comparison.values).map((values) => values[i])])] });
        figures.push(figure);
        result.replaceChildren(h("p", {}, h("span", { class: found.holds ? "chip good" : "chip bad" }, found.holds ? "✓ the model shows it" : "✗ the model does not show it")), h("p", { class: "small" }, found.words), figure);
      } catch (error) { result.replaceChildren(problemList(error)); button.disabled = false; }
    }
    return h("div", { class: "learn-box stack" }, h("h3", {}, "Published"), h("p", {}, claim.text), h("p", { class: "hint" }, "One animal is no experiment."), h("div", { class: "row" }, button), result);
  }

  function compared(found) {
    const names = Object.keys(found.values), count = found.values[names[0]].length;
    const lines = Array.from({ length: count }, (_, i) => ({ type: "line", silent: true, symbol: "none", lineStyle: { color: colour("--faint"), width: 1, opacity: 0.7 }, data: names.map((name) => found.values[name][i]) }));
    const dots = names.map((name, n) => ({ name, type: "scatter", symbol: SYMBOLS[n], symbolSize: 9, itemStyle: { color: groupColour(n), opacity: 0.85 }, data: found.values[name].map((value) => [n, value]) }));
    const means = { type: "custom", silent: true, z: 5, data: names.map((name, n) => [n, found.means[name].value, found.means[name].low, found.means[name].high]),
      renderItem: (_, api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]), low = api.coord([api.value(0), api.value(2)])[1], high = api.coord([api.value(0), api.value(3)])[1];
        const style = { stroke: colour("--ink"), lineWidth: 2.5 };
        return { type: "group", children: [{ type: "line", shape: { x1: x + 22, x2: x + 22, y1: low, y2: high }, style }, { type: "line", shape: { x1: x + 13, x2: x + 31, y1: y, y2: y }, style: { ...style, lineWidth: 4 } }] };
      } };
    return { grid: { top: 14, left: 8, right: 44 }, tooltip: { trigger: "item", formatter: ({ seriesName, value }) => `${seriesName}: ${Array.isArray(value) ? value[1].toFixed(1) : ""}` },
      xAxis: { type: "category", data: names, boundaryGap: true }, yAxis: { type: "value", min: 0, ...(found.measure === "freezing" ? { max: 100 } : {}) }, series: [...lines, ...dots, means] };
  }

  function end() {
    finished(told.id);
    for (const figure of figures) figure.dispose();
    figures = [];
    count.textContent = "The end";
    title.textContent = "Where this comes from";
    text.textContent = "The tour rests on these findings of the catalogue. Where the model fails them, it says why.";
    extra.replaceChildren(
      ...about.sources.map((source) => h("div", { class: "learn-box stack" }, h("h3", {}, source.title), h("p", {}, source.claim),
        h("p", { class: "hint" }, source.citation, " ", source.doi ? h("a", { href: `https://doi.org/${source.doi}`, rel: "noreferrer", target: "_blank" }, `doi:${source.doi}`) : ""),
        source.explanation ? h("p", { class: "small" }, h("strong", {}, "Where the model fails it: "), source.explanation) : "",
        h("p", { class: "small" }, h("a", { href: `#/evidence/finding/${url(source.id)}` }, "In the evidence")))),
      h("div", { class: "learn-box stack" }, h("h3", {}, "What the model does not show"), h("p", {}, told.limits)),
      h("div", { class: "row" }, h("a", { class: "button", href: "#/learn" }, "All tours"), h("a", { class: "button", href: "#/live" }, "Try it yourself")));
    at = told.steps.length;
    back.disabled = false;
    next.textContent = "Again";
    title.focus({ preventScroll: true });
  }

  await go(Math.min(first, told.steps.length - 1));
  return () => {
    shown?.dispose();
    for (const figure of figures) figure.dispose();
  };
}
