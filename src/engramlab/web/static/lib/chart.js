// Charts: ECharts with the colours of the page, that can be saved as SVG, PNG or CSV.
import * as echarts from "../vendor/echarts.js";
import { download, h } from "./dom.js";
import { calm, colour, onTheme, palette } from "./colours.js";

function themed(option) {
  const ink = colour("--ink"), faint = colour("--faint"), line = colour("--line");
  const axis = (given) => ({
    axisLine: { onZero: false, lineStyle: { color: faint } }, axisTick: { lineStyle: { color: faint } },
    splitLine: { lineStyle: { color: line } }, ...given,
    axisLabel: { color: ink, ...given?.axisLabel }, nameTextStyle: { color: ink, ...given?.nameTextStyle },
  });
  const each = (value, fn) => (Array.isArray(value) ? value.map(fn) : value && fn(value));
  return {
    color: palette(), backgroundColor: "transparent", animation: !calm(), animationDuration: 300,
    // No quotes in it: they would end an attribute of a saved SVG.
    textStyle: { fontFamily: "system-ui, Roboto, Helvetica, Arial, sans-serif", fontSize: 13 },
    ...option,
    grid: each(option.grid ?? {}, (grid) => ({ left: 8, right: 16, top: 36, bottom: 8, outerBoundsMode: "same", ...grid })),
    xAxis: each(option.xAxis, axis), yAxis: each(option.yAxis, axis),
    legend: option.legend && { textStyle: { color: ink }, inactiveColor: faint, top: 0, left: 0, itemWidth: 18, itemHeight: 11, ...option.legend },
    tooltip: option.tooltip && { confine: true, backgroundColor: colour("--surface"), borderColor: line, textStyle: { color: ink }, ...option.tooltip },
    visualMap: option.visualMap && { textStyle: { color: ink }, ...option.visualMap },
  };
}

/**
 * A chart with its title, a description for screen readers and buttons to save it.
 *
 * @param make function that returns the ECharts option (called again when colours change)
 * @param about {title, name (of files), description, height (CSS), csv: () => [[header...], [row...]],
 *   numbers: () => [[header...], [row...]] for a table below it, controls: elements beside the title}
 * @returns the figure; figure.update() draws again, figure.dispose() ends it, figure.chart is ECharts' own
 */
export function chart(make, about) {
  const canvas = h("div", { class: "chart", role: "img", "aria-label": about.description ?? about.title, style: { height: about.height ?? "22rem" } });
  const save = h("details", { class: "save" }, h("summary", { "aria-label": `Save ${about.title}` }, "Save"),
    h("div", { class: "menu" },
      h("button", { type: "button", onclick: () => saveAs("svg") }, "SVG"),
      h("button", { type: "button", onclick: () => saveAs("png") }, "PNG"),
      about.csv ? h("button", { type: "button", onclick: () => { download(`${about.name}.csv`, csvText(about.csv()), "text/csv"); save.open = false; } }, "CSV") : null));
  const below = about.numbers ? h("details", { class: "numbers" }, h("summary", {}, "Numbers")) : null;
  below?.addEventListener("toggle", () => { if (below.open && below.children.length === 1) below.append(tableOf(about.numbers())); });
  const figure = h("figure", { class: "card" }, h("figcaption", {}, h("h3", {}, about.title), h("div", { class: "row" }, about.controls ?? null, save)), canvas, below);
  let drawn = null;
  figure.update = () => {
    if (!canvas.isConnected) return;
    drawn ??= echarts.init(canvas, null, { renderer: "svg" });
    figure.chart = drawn;
    drawn.setOption(themed(make()), { notMerge: true });
    while (below?.children.length > 1) below.lastChild.remove();
    if (below?.open) below.append(tableOf(about.numbers()));
  };
  const sizes = new ResizeObserver(() => { if (drawn) drawn.resize(); else figure.update(); });
  sizes.observe(canvas);
  const end = onTheme(() => figure.update());
  figure.dispose = () => { sizes.disconnect(); end(); drawn?.dispose(); drawn = null; };

  function saveAs(type) {
    save.open = false;
    // Drawn again, larger and on paper's ground, so that it fits a slide.
    const place = h("div", { style: { position: "absolute", left: "-10000px", width: "960px", height: "600px" } });
    document.body.append(place);
    const copy = echarts.init(place, null, { renderer: type === "svg" ? "svg" : "canvas" });
    const option = themed(make());
    copy.setOption({ ...option, animation: false, backgroundColor: colour("--surface") });
    const address = copy.getDataURL({ type, pixelRatio: 2, backgroundColor: colour("--surface") });
    copy.dispose();
    place.remove();
    const [head, body] = [address.slice(0, address.indexOf(",")), address.slice(address.indexOf(",") + 1)];
    const bytes = head.includes("base64") ? Uint8Array.from(atob(body), (c) => c.charCodeAt(0)) : decodeURIComponent(body);
    download(`${about.name}.${type}`, new Blob([bytes], { type: type === "svg" ? "image/svg+xml" : "image/png" }));
  }
  return figure;
}

/** Rows with their header as a table; numbers stand right. */
export function tableOf([header, ...rows]) {
  const isNumber = (value) => typeof value === "number";
  const shown = (value) => (value === null || value === undefined ? "–" : isNumber(value) ? rounded(value) : value);
  const right = header.map((_, i) => rows.some((row) => isNumber(row[i])));
  return h("div", { class: "table", tabindex: 0, role: "region", "aria-label": "Numbers" }, h("table", {},
    h("thead", {}, h("tr", {}, header.map((text, i) => h("th", { class: right[i] ? "number" : null, scope: "col" }, text)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((value, i) => h("td", { class: right[i] ? "number" : null }, shown(value))))))));
}

/** A number with three digits that matter. */
export const rounded = (value) => (value === null || value === undefined ? "–" : Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString());

/** Text for a tooltip, which ECharts takes as markup. */
export const safe = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** A custom series that draws a mean with its interval: data are [x, mean, low, high]. */
export function intervals(name, points, colour, { horizontal = false, z = 5 } = {}) {
  return {
    type: "custom", name, z, itemStyle: { color: colour }, encode: horizontal ? { x: [1, 2, 3], y: 0 } : { x: 0, y: [1, 2, 3] },
    data: points.map(([x, mean, low, high]) => [x, mean, low ?? mean, high ?? mean]),
    renderItem: (_, api) => {
      const at = (value) => (horizontal ? api.coord([value, api.value(0)]) : api.coord([api.value(0), value]));
      const [middle, low, high] = [at(api.value(1)), at(api.value(2)), at(api.value(3))];
      const line = (x1, y1, x2, y2, width) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: width } });
      const cap = 5, half = 11;
      return { type: "group", children: [
        line(...low, ...high, 2),
        ...[low, high].map(([x, y]) => (horizontal ? line(x, y - cap, x, y + cap, 2) : line(x - cap, y, x + cap, y, 2))),
        horizontal ? { type: "circle", shape: { cx: middle[0], cy: middle[1], r: 5 }, style: { fill: colour } } : line(middle[0] - half, middle[1], middle[0] + half, middle[1], 3.5),
      ] };
    },
  };
}

/** Rows as CSV; what a spreadsheet would take for a formula is not. */
export function csvText(rows) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    let text = String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
