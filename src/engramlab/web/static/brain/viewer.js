// A film with all that one looks at it with: the picture, a time line, one neuron's history, charts.
import { chart } from "../lib/chart.js";
import { colour, groupColour } from "../lib/colours.js";
import { field, h, options, s } from "../lib/dom.js";
import { problemList, waiting } from "../lib/messages.js";
import { SCALES, shortClock } from "./film.js";
import { picture } from "./picture.js";

const CONNECTIONS = [
  ["CA3-CA1", "CA3→CA1", 0, "circle"],
  ["CA1-BLA", "CA1→BLA", 1, "rect"],
  ["PFC-PFC", "PFC→PFC", 2, "triangle"],
  ["PFC-BLA", "PFC→BLA", 3, "diamond"],
];
const percent = (value) => (value === null ? "–" : `${Math.round(value)} %`);

/**
 * @param film a Film; it may grow, then call .grown()
 * @param about {name (of files), overlap: () => promise of the overlap matrices}
 * @returns {stage, side, charts, look, grown, dispose}: elements to place, and what to call
 */
export function viewer(film, about) {
  const view = { index: Math.max(0, film.length - 1), colour: "activity", engram: null, tag: null, chosen: null, regions: [], description: "" };
  let ownEngram = false; // chosen by hand
  let timer = 0;
  let overlaps = null, overlapRegion = "CA1";

  const image = picture((cell) => { view.chosen = cell; draw(); });

  // Controls above the picture
  const colours = h("select", { onchange: () => { view.colour = colours.value; draw(); } });
  const engrams = h("select", { onchange: () => { view.engram = engrams.value || null; ownEngram = true; draw(); } });
  const tagChoice = h("select", { onchange: () => { view.tag = tagChoice.value; draw(); } });
  const tagField = field("Tag", tagChoice);
  const save = h("details", { class: "save" }, h("summary", { "aria-label": "Save the picture of the brain" }, "Save"),
    h("div", { class: "menu" }, ["svg", "png"].map((type) => h("button", { type: "button", onclick: () => { save.open = false; image.save(type, `${about.name}-brain`); } }, type.toUpperCase()))));
  const bar = h("div", { class: "row end brain-bar" }, field("Colour", colours), field("Engram of", engrams), tagField, h("span", { class: "grow" }), save);

  // Time
  const what = h("p", { class: "brain-what", role: "status" });
  const marks = s("svg", { class: "brain-marks", "aria-hidden": "true", preserveAspectRatio: "none" });
  const slider = h("input", { type: "range", min: "0", step: "1", "aria-label": "Time", oninput: () => { stop(); go(Number(slider.value)); } });
  const play = h("button", { type: "button", class: "icon", "aria-label": "Play", title: "Play", onclick: () => (timer ? stop() : start()) }, "▶");
  const step = (by, text, sign) => h("button", { type: "button", class: "icon", "aria-label": text, title: text, onclick: () => { stop(); go(view.index + by); } }, sign);
  const time = h("div", { class: "brain-time" }, step(-1, "One step back", "‹"), play, step(1, "One step on", "›"), h("div", { class: "grow brain-line" }, marks, slider));
  const stage = h("section", { class: "card stack brain-card", "aria-label": "Picture of the brain" }, bar, image, what, time);

  // Beside it
  const table = h("tbody");
  const tableHead = h("tr");
  const counts = h("section", { class: "card stack brain-counts", "aria-label": "Active cells" }, h("h2", {}, "Active cells"),
    h("div", { class: "table" }, h("table", {}, h("thead", {}, tableHead), table)));
  const regionChoice = h("select", { onchange: pick });
  const cellChoice = h("input", { type: "number", min: "0", value: "0", onchange: pick });
  const told = h("p", { class: "small" });
  const forget = h("button", { type: "button", class: "quiet", onclick: () => { view.chosen = null; draw(); } }, "None");
  const history = chart(historyOption, { title: "History", name: `${about.name}-neuron`, description: "How the chosen neuron changed over time", height: "15rem", csv: () => historyRows() });
  const neuron = h("section", { class: "card stack brain-neuron", "aria-label": "One neuron" }, h("h2", {}, "One neuron"),
    h("p", { class: "hint" }, "Click a dot, move with the arrow keys, or name it here."),
    h("div", { class: "row end" }, field("Region", regionChoice), field("Cell", cellChoice), forget), told, history);
  const side = h("div", { class: "stack brain-side" }, counts, neuron);

  // Below
  const freezing = chart(freezingOption, { title: "Freezing (grey: lived through, blue: probe)", name: `${about.name}-freezing`, description: "Freezing in every session and probe of this animal, in percent of the time", height: "17rem", csv: () => [["session", "hours", "freezing_percent"], ...sessionRows().map(([name, frame]) => [name, frame.hour, frame.freezing])] });
  const moments = chart(momentsOption, { title: "Within the session", name: `${about.name}-moments`, description: "Freezing and the two halves of the amygdala in each 30 s of the session shown", height: "17rem", csv: () => momentRows() });
  const strength = chart(strengthOption, { title: "Where the engram is held", name: `${about.name}-strength`, description: "Strength of the connections between the engram's cells over time, in hippocampus and in cortex", height: "17rem", csv: () => strengthRows() });
  const matrixPlace = h("div", {});
  const matrixRegion = h("select", { onchange: () => { overlapRegion = matrixRegion.value; matrix.update(); } });
  const matrix = chart(overlapOption, { title: "Overlap of ensembles, × chance", name: `${about.name}-overlap`, description: "How many cells the ensembles of two sessions share, over chance", height: "19rem", csv: () => overlapRows() });
  matrix.querySelector("h3").after(h("label", { class: "row small brain-of" }, "in", matrixRegion));
  const overlapCard = h("section", { class: "brain-overlap", "aria-label": "Overlap of ensembles" }, matrix, matrixPlace);
  const charts = h("div", { class: "grid brain-charts" }, freezing, moments, strength, overlapCard);

  function pick() {
    const region = film.region(regionChoice.value);
    const cell = Math.min(region.cells - 1, Math.max(0, Math.round(Number(cellChoice.value) || 0)));
    view.chosen = region.start + cell;
    draw();
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
    play.replaceChildren("▶");
    play.setAttribute("aria-label", "Play");
  }
  function start() {
    clearTimeout(timer);
    if (view.index >= film.length - 1) go(0);
    play.replaceChildren("❚❚");
    play.setAttribute("aria-label", "Pause");
    const next = () => {
      if (view.index >= film.length - 1) { stop(); return; }
      go(view.index + 1);
      timer = setTimeout(next, film.frames[view.index].kind === "night" ? 420 : 950);
    };
    timer = setTimeout(next, 300);
  }
  function go(index) {
    view.index = Math.min(film.length - 1, Math.max(0, index));
    draw();
  }

  const sessionRows = () => [...film.sessions()].map(([name, index]) => [name, film.frames[index], index]);
  const followed = () => Object.keys(film.frames.at(-1).strength);
  const set = () => (view.colour === "tag" && view.tag ? film.tagged(view.index, view.tag) : view.engram ? film.engram(view.engram) : null);

  /** Lists that depend on what has happened so far. */
  function lists() {
    const sessions = [...film.sessions().keys()];
    if (!view.engram || !sessions.includes(view.engram) || !ownEngram) {
      const shocked = sessionRows().find(([name, frame]) => frame.kind === "session" && frame.title.includes("mA"));
      view.engram = (shocked ?? sessionRows().find(([, frame]) => frame.kind === "session") ?? sessionRows()[0])?.[0] ?? null;
    }
    const tags = film.tags();
    if (!tags.includes(view.tag)) view.tag = tags[0] ?? null;
    engrams.replaceChildren(...options(sessions.length ? sessions : [["", "no session yet"]]));
    if (view.engram) engrams.value = view.engram;
    tagChoice.replaceChildren(...options(tags));
    if (view.tag) tagChoice.value = view.tag;
    const choices = Object.entries(SCALES).map(([name, [text]]) => [name, text]);
    if (sessions.length) choices.splice(2, 0, ["engram", "Engram cells"]);
    if (tags.length) choices.splice(3, 0, ["tag", "Tagged cells"]);
    if (!choices.some(([name]) => name === view.colour)) view.colour = "activity";
    colours.replaceChildren(...options(choices));
    colours.value = view.colour;
    regionChoice.replaceChildren(...options(film.regions.map((region) => region.name)));
    matrixRegion.replaceChildren(...options(film.regions.slice(1).map((region) => region.name)));
    matrixRegion.value = overlapRegion;
    slider.max = String(film.length - 1);
    drawMarks();
  }

  function drawMarks() {
    const n = Math.max(1, film.length - 1);
    marks.setAttribute("viewBox", "0 0 1000 26");
    marks.replaceChildren(...film.frames.map((frame, i) => {
      const x = 1000 * (i / n);
      const tall = { session: 20, probe: 14, begin: 10, end: 6, night: 5, wait: 4, birth: 8 }[frame.kind];
      return s("rect", { class: `mark-${frame.kind}`, x: x - 2, y: 26 - tall, width: 4, height: tall, rx: 1.5 });
    }));
  }

  function draw() {
    const frame = film.frames[view.index];
    const cells = set();
    const rows = film.counts(view.index, cells);
    const name = view.colour === "tag" ? `tag ${view.tag}` : view.engram;
    tagField.hidden = view.colour !== "tag";
    slider.value = String(view.index);
    slider.setAttribute("aria-valuetext", `${frame.clock}, ${frame.title}`);
    colours.value = view.colour;
    if (view.engram) engrams.value = view.engram;
    what.replaceChildren(h("strong", {}, frame.clock), ` · ${frame.session ? `${frame.session}: ` : ""}${frame.title} `, frame.freezing === null ? "" : h("span", { class: "chip accent" }, `freezing ${percent(frame.freezing)}`));
    view.description = `The brain on ${frame.clock}, ${frame.title}. ` + rows.map((row) => `${row.region}: ${row.now} of ${row.cells} cells active${cells && row.over !== null ? `, ${row.both} of the ${row.members} of ${name}, ${row.over.toFixed(1)} times chance` : ""}`).join("; ") + ".";
    image.show(film, { ...view });
    tableHead.replaceChildren(...["Region", "active", "%", ...(cells ? [`of ${name}`, "× chance"] : [])].map((text, i) => h("th", { scope: "col", class: i ? "number" : null }, text)));
    table.replaceChildren(...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.region), h("td", { class: "number" }, String(row.now)), h("td", { class: "number" }, (100 * row.now / row.cells).toFixed(1)),
      cells ? [h("td", { class: "number" }, `${row.both} / ${row.members}`), h("td", { class: "number" }, row.over === null ? "–" : row.over.toFixed(1))] : null)));
    drawNeuron(frame);
    for (const one of [freezing, moments, strength, history]) one.update();
  }

  function drawNeuron(frame) {
    history.hidden = view.chosen === null;
    forget.disabled = view.chosen === null;
    if (view.chosen === null) { told.textContent = ""; return; }
    const region = film.regionOf(view.chosen);
    regionChoice.value = region.name;
    cellChoice.max = String(region.cells - 1);
    cellChoice.value = String(view.chosen - region.start);
    const tags = Object.keys(frame.tags).filter((tag) => film.tagged(view.index, tag)[view.chosen]);
    const member = sessionRows().filter(([, , index]) => film.active(index)[view.chosen]).map(([name]) => name);
    told.textContent = `${film.nameOf(view.chosen)}: active in ${member.length ? member.join(", ") : "no session"}${tags.length ? `; carries tag ${tags.join(", ")}` : ""}.`;
  }

  // Charts
  const labels = () => film.frames.map(shortClock);
  const marker = () => ({ silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colour("--ink"), type: "dotted", width: 1.5 }, data: [{ xAxis: view.index }] });
  const timeAxis = () => ({ type: "category", data: labels(), boundaryGap: false, axisLabel: { hideOverlap: true } });

  function freezingOption() {
    const rows = sessionRows();
    return {
      tooltip: { trigger: "item", formatter: ({ dataIndex }) => `${rows[dataIndex][0]}: ${percent(rows[dataIndex][1].freezing)}` },
      grid: { top: 24 },
      xAxis: { type: "category", data: rows.map(([, frame]) => `${frame.context}${frame.driven.length ? " ☼" : ""}\n${shortClock(frame).split(" ")[0]}`), axisLabel: { interval: 0, margin: 10, lineHeight: 17, width: Math.max(26, 460 / Math.max(1, rows.length)), overflow: "truncate" } },
      yAxis: { type: "value", min: 0, max: 100, name: "% of time", nameLocation: "end", nameTextStyle: { align: "left" } },
      series: [{
        type: "bar", barMaxWidth: 44, data: rows.map(([, frame, index]) => ({ value: frame.freezing, itemStyle: { color: frame.kind === "probe" ? groupColour(0) : groupColour(6), opacity: index === view.index ? 1 : 0.6, borderColor: index === view.index ? colour("--ink") : "transparent", borderWidth: 1.5 } })),
        label: { show: rows.length <= 14, position: "top", formatter: ({ value }) => Math.round(value), color: colour("--ink") },
      }],
    };
  }
  const current = () => {
    for (let i = view.index; i >= 0; i -= 1) if (film.frames[i].session) return film.frames[i];
    return null;
  };
  function momentsOption() {
    const frame = current();
    const line = (name, data, index, symbol) => ({ name, type: "line", data, symbol, symbolSize: 7, lineStyle: { width: 2.2, color: groupColour(index) }, itemStyle: { color: groupColour(index) } });
    return {
      legend: {}, tooltip: { trigger: "axis", valueFormatter: (value) => `${Math.round(value)} %` }, grid: { top: 54 },
      xAxis: { type: "category", name: "minutes", nameLocation: "middle", nameGap: 26, data: frame ? frame.moments.map((_, i) => (i + 1) / 2) : [] },
      yAxis: { type: "value", min: 0, max: 100 },
      series: frame ? [line("freezing, %", frame.moments, 0, "circle"), line("fear cells of BLA, %", frame.valence.map(([n]) => 100 * n), 1, "rect"), line("reward cells of BLA, %", frame.valence.map(([, p]) => 100 * p), 2, "triangle")] : [],
    };
  }
  const momentRows = () => [["minute", "freezing_percent", "valence_negative", "valence_positive"], ...(current()?.moments ?? []).map((value, i) => [(i + 1) / 2, value, ...current().valence[i]])];

  const projection = (name) => film.brain.projections.findIndex((p) => p.name === name);
  const held = (frame, name, part) => { const rows = frame.strength[view.engram]; return rows ? 100 * rows[projection(name)][part] : null; };
  function strengthOption() {
    const line = (name, data, index, symbol, dashed) => ({ name, type: "line", data, symbol, symbolSize: 5, showSymbol: film.length < 80, connectNulls: true, lineStyle: { width: 2.2, type: dashed ? "dashed" : "solid", color: groupColour(index) }, itemStyle: { color: groupColour(index) } });
    const series = CONNECTIONS.map(([name, text, index, symbol]) => line(text, film.frames.map((frame) => held(frame, name, 0)), index, symbol));
    series.push(line("CA3→CA1, silent connections", film.frames.map((frame) => held(frame, "CA3-CA1", 1)), 0, "emptyCircle", true));
    series[0].markLine = marker();
    return { legend: {}, tooltip: { trigger: "axis", valueFormatter: (value) => (value === null ? "–" : `${value.toFixed(1)} %`) }, grid: { top: 62 }, xAxis: timeAxis(), yAxis: { type: "value", name: "% of largest", nameTextStyle: { align: "left" } }, series };
  }
  const strengthRows = () => [["hours", "what", ...CONNECTIONS.map(([name]) => name), "CA3-CA1 connectivity"], ...film.frames.map((frame) => [frame.hour, frame.title, ...CONNECTIONS.map(([name]) => held(frame, name, 0)), held(frame, "CA3-CA1", 1)])];

  const HISTORY = ["peak", "excitability", "protein", "input_strength"];
  function historyOption() {
    if (view.chosen === null) return { series: [] };
    const series = HISTORY.map((name, index) => ({ name: SCALES[name][0], type: "line", symbol: ["circle", "rect", "triangle", "diamond"][index], symbolSize: 5, data: film.frames.map((frame, i) => (name === "peak" && !frame.session ? null : Number(film.values(i, name)[view.chosen].toFixed(3)))), connectNulls: false, lineStyle: { width: 2, color: groupColour(index) }, itemStyle: { color: groupColour(index) } }));
    series[1].markLine = marker();
    return { legend: {}, tooltip: { trigger: "axis" }, grid: { top: 66 }, xAxis: timeAxis(), yAxis: { type: "value" }, series };
  }
  const historyRows = () => [["hours", "what", ...Object.keys(SCALES)], ...film.frames.map((frame, i) => [frame.hour, frame.title, ...Object.keys(SCALES).map((name) => (view.chosen === null ? null : film.values(i, name)[view.chosen]))])];

  async function loadOverlap() {
    if (film.sessions().size < 2) { overlaps = null; matrix.hidden = true; matrixPlace.replaceChildren(h("p", { class: "hint" }, "Two sessions are needed to see which cells they share.")); return; }
    matrix.hidden = false;
    if (!overlaps) matrixPlace.replaceChildren(waiting());
    try {
      overlaps = await about.overlap();
      matrixPlace.replaceChildren();
      matrix.update();
    } catch (error) { matrixPlace.replaceChildren(problemList(error)); }
  }
  function overlapOption() {
    if (!overlaps) return { series: [] };
    const rows = overlaps.regions[overlapRegion], names = overlaps.sessions;
    const data = rows.flatMap((row, y) => row.map((value, x) => [x, y, x === y || value === null ? "-" : Number(value.toFixed(2))]));
    return {
      tooltip: { formatter: ({ value }) => `${names[value[1]]} and ${names[value[0]]}: ${value[2]} × chance` },
      grid: { top: 8, right: 96 },
      xAxis: { type: "category", data: names, axisLabel: { rotate: names.length > 4 ? 40 : 0, interval: 0 }, splitArea: { show: false } },
      yAxis: { type: "category", data: names, inverse: true, axisLabel: { interval: 0 } },
      visualMap: { min: 0, max: 8, right: 0, top: 10, calculable: false, itemHeight: 120, text: ["8 ×", "0"], inRange: { color: ["#f4f0c9", "#fee391", "#a6ba6b", "#4f8f7b", "#31688e", "#3a2a6b"] } },
      series: [{ type: "heatmap", data, label: { show: names.length <= 10, formatter: ({ value }) => (value[2] === "-" ? "" : value[2].toFixed(1)), color: "#101418", textBorderColor: "#ffffff", textBorderWidth: 2.5, fontWeight: 600 }, itemStyle: { borderColor: colour("--surface"), borderWidth: 2 } }],
    };
  }
  const overlapRows = () => (overlaps ? [["session", ...overlaps.sessions], ...overlaps.sessions.map((name, i) => [name, ...overlaps.regions[overlapRegion][i]])] : []);

  function grown({ stay = false } = {}) {
    if (!stay) view.index = film.length - 1;
    view.index = Math.min(view.index, film.length - 1);
    lists();
    draw();
    loadOverlap();
  }
  function look({ colour: shown, engram, tag, regions, index } = {}) {
    if (engram !== undefined && engram !== null) { view.engram = engram; ownEngram = true; }
    if (tag) view.tag = tag;
    if (regions) view.regions = regions;
    if (shown) view.colour = shown;
    if (index !== undefined) view.index = index;
    lists();
    draw();
  }
  function dispose() {
    stop();
    image.dispose();
    for (const one of [history, freezing, moments, strength, matrix]) one.dispose();
  }
  lists();
  draw();
  loadOverlap();
  return { stage, side, counts, charts, play: start, figures: { freezing, moments, strength, overlap: overlapCard }, view, look, grown, go, dispose };
}
