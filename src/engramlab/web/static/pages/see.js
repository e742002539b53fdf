// One animal of a run: every neuron of it, through time.
import { get, url } from "../lib/api.js";
import { field, h, options } from "../lib/dom.js";
import { empty, problemList, waiting } from "../lib/messages.js";
import { Film } from "../brain/film.js";
import { viewer } from "../brain/viewer.js";

/** The address is #/see/RUN/GROUP/ANIMAL. */
export async function render(root, [id, group, number]) {
  const runs = (await get("/runs")).filter((run) => run.groups.length);
  const head = h("div", { class: "row spread" }, h("h1", {}, "See"));
  root.append(head);
  if (!runs.length) {
    root.append(empty("No run to see yet", "A run of the laboratory, or of 'engramlab run', shows here as a picture of the brain with every neuron.",
      h("a", { class: "button primary", href: "#/design" }, "Design a run"), h("a", { class: "button", href: "#/live" }, "Take a live animal")));
    return undefined;
  }
  const run = runs.find((one) => one.id === id) ?? runs[0];
  const who = run.groups.includes(group) ? group : run.groups[0];
  const animal = Math.min(run.animals - 1, Math.max(0, Number(number) || 0));
  const leave = (a, b, c) => { location.hash = `#/see/${[a, b, c].map((part) => url(String(part))).join("/")}`; };
  const runChoice = h("select", { value: run.id, onchange: () => leave(runChoice.value, "", 0) }, options(runs.map((one) => [one.id, `${one.id} – ${one.title || one.protocol}`])));
  const groupChoice = h("select", { value: who, onchange: () => leave(run.id, groupChoice.value, animal) }, options(run.groups));
  const animalChoice = h("select", { value: String(animal), onchange: () => leave(run.id, who, animalChoice.value) }, options(Array.from({ length: run.animals }, (_, i) => [String(i), `${i + 1} of ${run.animals}`])));
  head.append(h("div", { class: "row end see-choice" }, field("Run", runChoice), field("Group", groupChoice), field("Animal", animalChoice)));
  const place = h("div", { class: "stack" }, waiting("Running this animal again to see all of its neurons …"));
  root.append(place);
  const query = `group=${url(who)}&animal=${animal}`;
  try {
    const found = await get(`/runs/${url(run.id)}/film?${query}`);
    const shown = viewer(new Film(found.film.brain, found.film.frames), { name: `${run.id}-${who}-${animal + 1}`, overlap: () => get(`/runs/${url(run.id)}/film/overlap?${query}`) });
    place.replaceChildren(
      found.same ? "" : h("p", { class: "problem" }, "The brain's defaults have changed since this run was made: what is shown is this animal with today's brain."),
      h("div", { class: "brain-layout" }, shown.stage, shown.side), shown.charts);
    shown.look({ colour: "engram" });
    return shown.dispose;
  } catch (error) {
    place.replaceChildren(problemList(error));
    return undefined;
  }
}
