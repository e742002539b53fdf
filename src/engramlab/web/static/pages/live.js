// One live animal: what is done to it is done at once, and every neuron of it is seen.
import { get, post } from "../lib/api.js";
import { download, field, h, options } from "../lib/dom.js";
import { problemList, say, waiting } from "../lib/messages.js";
import { Bench } from "../brain/bench.js";
import { viewer } from "../brain/viewer.js";

const KEY = "engramlab-live"; // what was done, kept in this tab for a reload

export async function render(root) {
  const choices = await get("/live/choices");
  const bench = Bench.restored(KEY) ?? new Bench();
  const place = h("div", { class: "stack" }, waiting(choices.compiled ? "Waking the animal …" : "Preparing the engine for the first time; this takes half a minute, once …"));
  root.append(h("div", { class: "row spread" }, h("h1", {}, "Live"),
    h("div", { class: "row" },
      h("label", { class: "row live-seed" }, "Animal", h("input", { type: "number", min: "0", max: "999999", value: String(bench.mouse.seed), "aria-label": "Number (seed) of the animal", onchange: (event) => begin(event.target.value) })),
      h("button", { type: "button", onclick: () => undo() }, "Undo"),
      h("button", { type: "button", onclick: () => begin(bench.mouse.seed) }, "Start again"),
      h("button", { type: "button", onclick: exported }, "Export as protocol"))), place);
  try {
    await bench.refresh();
  } catch (error) {
    bench.mouse.actions = [];
    await bench.refresh();
    say(error);
  }
  const shown = viewer(bench.film(), { name: "live", overlap: () => bench.overlap() });
  const wrong = h("div", {});
  const status = h("p", { class: "live-status", role: "status" });
  const log = h("ol", { class: "live-log" });
  const controls = h("div", { class: "stack live-controls" });
  place.replaceChildren(h("div", { class: "live-layout" },
    h("div", { class: "stack" }, h("section", { class: "card stack", "aria-label": "What to do" }, h("h2", { class: "hidden-text" }, "What to do"), status, wrong, controls)),
    h("div", { class: "stack" }, shown.stage, h("div", { class: "grid live-main" }, shown.figures.freezing, shown.figures.moments)),
    h("div", { class: "stack" }, shown.side, h("section", { class: "card stack", "aria-label": "What was done" }, h("h2", {}, "What was done"), log))),
    h("div", { class: "grid brain-charts" }, shown.figures.strength, shown.figures.overlap));
  let waits = 0, last = Promise.resolve();
  /** One thing after another: a click is never lost while the animal is busy. */
  function inTurn(work) {
    waits += 1;
    controls.setAttribute("aria-busy", "true");
    last = last.then(async () => {
      try {
        await work();
        wrong.replaceChildren();
        shown.grown();
      } catch (error) {
        wrong.replaceChildren(problemList(error));
      }
      waits -= 1;
      if (!waits) controls.removeAttribute("aria-busy");
      update();
    });
    return last;
  }
  const act = (...actions) => inTurn(() => bench.act(actions));
  const undo = () => inTurn(() => (bench.mouse.actions.length ? bench.undo() : null));
  const begin = (seed) => inTurn(() => bench.restart(Math.max(0, Math.round(Number(seed)) || 0)));
  async function exported() {
    try {
      const { yaml } = await post("/live/protocol", bench.request());
      download("live.yaml", yaml, "application/yaml");
    } catch (error) { say(error); }
  }

  function build() {
    const button = (text, make, more = {}) => h("button", { type: "button", onclick: () => act(...[make()].flat()), ...more }, text);
    const part = (title, ...children) => h("fieldset", { class: "live-part" }, h("legend", {}, title), ...children);
    const places = Object.entries(choices.places).map(([name, about]) => [name, about.similar_to ? `${Math.round(100 * about.similarity)} % like ${about.similar_to}` : name === "A" ? "" : "unlike the others"]);
    const region = (label, all) => h("select", { "aria-label": label }, options([...(all ? [["", all]] : []), ...choices.brain.regions.map((r) => r.name)]));

    // Light falls while the animal stays, and in probes.
    const lightOn = h("input", { type: "checkbox" });
    const lightWhat = h("select", { "aria-label": "Cells under light" }, options([["tagged", "tagged cells"], ["as_many_as", "as many other cells"], ["share", "a random tenth"], ["all", "all cells"]]));
    const lightWhere = region("Region under light");
    lightWhere.value = "DG";
    const lightEffect = h("select", { "aria-label": "Effect of light" }, options([["drive", "drives"], ["silence", "silences"]]));
    const target = (kind, where) => ({ region: where, ...(kind === "share" ? { share: 0.1 } : kind === "all" ? { share: 1 } : { [kind]: "engram" }) });
    const light = () => (lightOn.checked ? [{ cells: target(lightWhat.value, lightWhere.value), effect: lightEffect.value }] : []);
    const tone = h("input", { type: "checkbox" }), reward = h("input", { type: "checkbox" });
    const current = h("input", { type: "number", min: "0.1", max: "3", step: "0.05", value: "0.75", "aria-label": "Current of the shock in mA" });
    const stay = (moments, more = {}) => ({ do: "stay", moments, ...(tone.checked ? { cue: "tone" } : {}), ...(reward.checked ? { reward: true } : {}), light: light(), ...more });

    controls.placeButtons = places.map(([name, text]) => button(h("span", {}, h("strong", {}, name), text ? h("small", {}, text) : ""), () => [{ do: "enter", place: name }, stay(1)], { class: "live-place", title: `Put the animal into ${name} for 30 s`, "aria-pressed": "false" }));
    controls.stayButtons = [button("+ 30 s", () => stay(1)), button("+ 2 min", () => stay(4)), button("⚡ Shock", () => stay(1, { shock_mA: Number(current.value) }), { class: "live-shock" })];
    const probePlace = h("select", { "aria-label": "Place of the probe" }, options(places.map(([name]) => name)));
    controls.tagButton = h("button", { type: "button", "aria-pressed": "false", onclick: () => act({ do: bench.state.open_tags.includes("engram") ? "close_tag" : "open_tag" }) }, "Tag window");
    const drug = h("select", { "aria-label": "Drug" }, options(choices.drugs.map((d) => [d.name, d.name])));
    const drugTold = h("p", { class: "hint" });
    const drugHours = h("input", { type: "number", min: "1", max: "240", value: "8", "aria-label": "Hours for which the drug acts" });
    const drugWhere = region("Region of the drug", "whole brain");
    const describe = () => { const d = choices.drugs.find((one) => one.name === drug.value); drugTold.textContent = `${d.what} (${d.source})`; };
    drug.addEventListener("change", describe);
    describe();
    const silenceWhere = h("select", { "aria-label": "What to silence" }, options([["DG,CA3,CA1", "hippocampus"], ...choices.brain.regions.map((r) => r.name)]));
    const split = (text) => (text.includes(",") ? text.split(",") : text);
    const virusWhere = region("Region of the virus");
    virusWhere.value = "BLA";

    controls.append(
      part("Put it into a place", h("div", { class: "live-places" }, controls.placeButtons), h("div", { class: "row" }, controls.stayButtons, h("label", { class: "row live-mA" }, current, "mA")),
        h("div", { class: "row" }, h("label", { class: "check" }, tone, "tone"), h("label", { class: "check" }, reward, "reward"))),
      part("Light", h("label", { class: "check" }, lightOn, "on, in places and probes"), h("div", { class: "live-pair" }, lightEffect, lightWhat, lightWhere)),
      part("Tag", h("div", { class: "row" }, controls.tagButton, h("span", { class: "hint" }, "labels the cells that fire in a visit"))),
      part("Test a copy of it", h("div", { class: "row" }, probePlace, button("Probe, 3 min", () => ({ do: "probe", place: probePlace.value, ...(tone.checked ? { cue: "tone" } : {}), light: light() }), { class: "primary" }))),
      part("Let time pass", h("div", { class: "row" }, button("1 h", () => ({ do: "wait", hours: 1 })), button("6 h", () => ({ do: "wait", hours: 6 })), button("1 night", () => ({ do: "wait", nights: 1 })), button("7 nights", () => ({ do: "wait", nights: 7 })), button("28 nights", () => ({ do: "wait", nights: 28 })))),
      part("Drugs", h("div", { class: "live-pair" }, drug, drugWhere), drugTold, h("div", { class: "row" }, h("label", { class: "row live-mA" }, drugHours, "hours"), button("Inject", () => ({ do: "inject", drug: drug.value, hours: Number(drugHours.value), ...(drugWhere.value ? { region: drugWhere.value } : {}) })))),
      h("details", { class: "live-more" }, h("summary", {}, "More: silence, lesion, stress, virus, sleep"),
        h("div", { class: "stack" },
          part("Silence or lesion", h("div", { class: "row" }, silenceWhere, button("Silence, 1 h", () => ({ do: "silence", region: split(silenceWhere.value), hours: 1 })), button("Lesion", () => ({ do: "lesion", region: split(silenceWhere.value) }), { class: "bad" }))),
          part("Virus in a random tenth", h("div", { class: "row" }, virusWhere, button("CREB", () => ({ do: "infect", cells: { region: virusWhere.value, share: 0.1 }, what: "CREB" })))),
          part("Stress and sleep", h("div", { class: "row" }, button("Stress, 30 min", () => ({ do: "stress" })), button("Keep awake, 12 h", () => ({ do: "keep_awake", hours: 12 })), button("No replay, 7 days", () => ({ do: "block_replay", hours: 168 })))))));
  }

  build();
  update();
  shown.grown();

  function update() {
    const state = bench.state;
    status.replaceChildren(h("strong", {}, state.clock), " · ", state.place ? `in ${state.place}` : "in its home cage", state.open_tags.length ? h("span", { class: "chip accent" }, "tag open") : "");
    for (const button of controls.placeButtons) button.setAttribute("aria-pressed", String(state.place === button.querySelector("strong").textContent));
    for (const button of controls.stayButtons) button.disabled = !state.place;
    controls.tagButton.setAttribute("aria-pressed", String(state.open_tags.includes("engram")));
    controls.tagButton.textContent = state.open_tags.includes("engram") ? "Tag window: open" : "Tag window: closed";
    const done = bench.mouse.actions.map((action) => h("li", {}, bench.words(action)));
    log.replaceChildren(...(done.length ? done : [h("li", { class: "hint" }, "Nothing yet: put it into a place.")]));
    log.scrollTop = log.scrollHeight;
    bench.keep(KEY);
  }
  return shown.dispose;
}
