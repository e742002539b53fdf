// Charts: ECharts with the colours of the page, that can be saved as SVG, PNG or CSV.
import * as echarts from "../vendor/echarts.js";
import { download, h } from "./dom.js";
import { calm, colour, onTheme, palette } from "./colours.js";

function themed(option) {
  const ink = colour("--ink"), faint = colour("--faint"), line = colour("--line");
  const axis = (given) => ({
    axisLine: { lineStyle: { color: faint } }, axisTick: { lineStyle: { color: faint } },
    splitLine: { lineStyle: { color: line } }, ...given,
    axisLabel: { color: ink, ...given?.axisLabel }, nameTextStyle: { color: ink, ...given?.nameTextStyle },
  });
  const each = (value, fn) => (Array.isArray(value) ? value.map(fn) : value && fn(value));
  return {
    color: palette(), backgroundColor: "transparent", animation: !calm(), animationDuration: 300,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 },
    ...option,
    grid: each(option.grid ?? {}, (grid) => ({ left: 8, right: 16, top: 36, bottom: 8, outerBoundsMode: "same", ...grid })),
    xAxis: each(option.xAxis, axis), yAxis: each(option.yAxis, axis),
    legend: option.legend && { textStyle: { color: ink }, inactiveColor: faint, top: 0, left: 0, icon: undefined, ...option.legend },
    tooltip: option.tooltip && { confine: true, backgroundColor: colour("--surface"), borderColor: line, textStyle: { color: ink }, ...option.tooltip },
    visualMap: option.visualMap && { textStyle: { color: ink }, ...option.visualMap },
  };
}

/**
 * A chart with its title, a description for screen readers and buttons to save it.
 *
 * @param make function that returns the ECharts option (called again when colours change)
 * @param about {title, name (of files), description, height (CSS), csv: () => [[header...], [row...]]}
 * @returns the figure; figure.update() draws again, figure.dispose() ends it, figure.chart is ECharts' own
 */
export function chart(make, about) {
  const canvas = h("div", { class: "chart", role: "img", "aria-label": about.description ?? about.title, style: { height: about.height ?? "22rem" } });
  const save = h("details", { class: "save" }, h("summary", { "aria-label": `Save ${about.title}` }, "Save"),
    h("div", { class: "menu" },
      h("button", { type: "button", onclick: () => saveAs("svg") }, "SVG"),
      h("button", { type: "button", onclick: () => saveAs("png") }, "PNG"),
      about.csv ? h("button", { type: "button", onclick: () => { download(`${about.name}.csv`, csvText(about.csv()), "text/csv"); save.open = false; } }, "CSV") : null));
  const figure = h("figure", { class: "card" }, h("figcaption", {}, h("h3", {}, about.title), save), canvas);
  let drawn = null;
  figure.update = () => {
    if (!canvas.isConnected) return;
    drawn ??= echarts.init(canvas, null, { renderer: "svg" });
    figure.chart = drawn;
    drawn.setOption(themed(make()), { notMerge: true });
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
