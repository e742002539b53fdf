// Figures and tables of an analysis.
import { h } from "../../lib/dom.js";
import { chart, csvText, intervals, rounded, safe, tableOf } from "../../lib/chart.js";
import { SYMBOLS, colour, groupColour } from "../../lib/colours.js";
import { download } from "../../lib/dom.js";

const NAMES = { freezing: "Freezing", discrimination: "Discrimination", discrimination_by_animal: "Discrimination by animal", other_measures: "Other measures", effects: "Effects", model_beside_data: "Model beside data", sessions: "Sessions", cells: "Cells", epochs: "Epochs", cells_found_again: "Cells found again", scores: "Scores", model: "Model's freezing", model_discrimination: "Model's discrimination" };
const MOST_FIGURES = 14;

const objects = (table) => (table ? table.rows.map((row) => Object.fromEntries(table.columns.map((name, i) => [name, row[i]]))) : []);
const distinct = (rows, key) => [...new Set(rows.map((row) => row[key]))];

/** All figures and tables of an analysis, in order. */
export function figuresOf(found, file) {
  const { tables } = found, name = file.replace(/\.[^.]*$/, "");
  const scores = objects(tables.scores), figures = [];
  for (const experiment of distinct(scores, "experiment")) {
    const mine = scores.filter((row) => row.experiment === experiment);
    const title = distinct(scores, "experiment").length > 1 ? `Experiment ${experiment}: ` : "";
    const freezing = objects(tables.freezing).filter((row) => row.experiment === experiment);
    if (freezing.length) figures.push(course(`${title}${found.names.freezing}`, "%", `${name}-${experiment}-freezing`, freezing, mine.filter((row) => row.measure === found.names.freezing), objects(tables.model)));
    const index = objects(tables.discrimination).filter((row) => row.experiment === experiment);
    if (index.length) figures.push(course(`${title}discrimination`, "", `${name}-${experiment}-discrimination`, index.map((row) => ({ ...row, condition: "index" })), objects(tables.discrimination_by_animal).filter((row) => row.experiment === experiment).map((row) => ({ ...row, condition: "index", value: row.discrimination })), objects(tables.model_discrimination).map((row) => ({ ...row, condition: "index" }))));
    const other = objects(tables.other_measures).filter((row) => row.experiment === experiment);
    for (const measure of distinct(other, "measure")) {
      figures.push(course(`${title}${measure}`, "", `${name}-${experiment}-${measure}`, other.filter((row) => row.measure === measure), mine.filter((row) => row.measure === measure), []));
    }
  }
  const effects = objects(tables.effects);
  const shown = figures.slice(0, MOST_FIGURES);
  if (figures.length > shown.length) shown.push(h("p", { class: "soft" }, `${figures.length - shown.length} more figures are left out; their numbers are in the tables.`));
  if (effects.length) shown.push(forest(effects, name));
  return [...shown, ...Object.entries(tables).filter(([key]) => key !== "scores").map(([key, table]) => tableCard(NAMES[key] ?? key, `${name}-${key}`, table))];
}

/** Means by hour (or side by side where there are no hours), every animal, and the model's means. */
function course(title, unit, name, means, animals, model) {
  const series = [...new Map(means.map((row) => [`${row.group}\u0000${row.condition}`, { group: row.group, condition: row.condition }])).values()];
  const groups = new Set(series.map(({ group }) => group)).size, conditions = new Set(series.map(({ condition }) => condition)).size;
  const label = ({ group, condition }) => (groups > 1 && conditions > 1 ? `${group}, ${condition}` : groups > 1 || conditions === 1 ? String(group) : String(condition));
  const hours = [...new Set(means.map((row) => row.hours))].filter((hour) => hour !== null).sort((a, b) => a - b), timed = hours.length > 1;
  const hasModel = model.filter((row) => hours.includes(row.hours) || !timed).length > 0;
  const place = (hour) => hours.indexOf(hour), step = 0.7 / Math.max(series.length, 1);
  const x = (row, i) => (timed ? place(row.hours) + (i - (series.length - 1) / 2) * step : i);
  const of = (rows, one) => rows.filter((row) => row.group === one.group && row.condition === one.condition && (!timed || row.hours !== null));
  const legend = [...series.map(label), ...(hasModel ? [...new Set(model.map((row) => row.condition))].map((condition) => `model, ${condition}`) : [])];
  const make = () => ({
    legend: { data: legend, type: "scroll" }, grid: { top: 62, bottom: timed ? 24 : 8 },
    tooltip: { trigger: "item", formatter: ({ seriesName, data }) => { const value = data.value ?? data; return `${safe(seriesName)}: <b>${rounded(value[1])}</b>${value.length > 2 ? ` (${rounded(value[2])} to ${rounded(value[3])})` : ""}`; } },
    xAxis: { type: "value", min: -0.5, max: (timed ? hours.length : series.length) - 0.5, splitLine: { show: false }, axisTick: { show: false }, name: timed ? "hours" : "", nameLocation: "middle", nameGap: 26,
      axisLabel: { customValues: (timed ? hours : series).map((_, i) => i), interval: 0, hideOverlap: false, formatter: (i) => (timed ? String(hours[i]) : label(series[i] ?? series[0])), rotate: !timed && series.length > 4 ? 30 : 0 } },
    yAxis: { type: "value", name: unit ? `${title.split(": ").at(-1)}, ${unit}` : "", nameTextStyle: { align: "left", padding: [0, 0, 4, -30] } },
    series: [
      ...series.flatMap((one, i) => {
        const ink = groupColour(i), line = of(means, one).sort((a, b) => (a.hours ?? 0) - (b.hours ?? 0));
        return [
          { type: "scatter", name: label(one), symbol: SYMBOLS[i % 8], symbolSize: 7, itemStyle: { color: ink, opacity: 0.4 }, data: of(animals, one).map((row, n) => [x(row, i) + ((((n + 1) * 0.618) % 1) - 0.5) * step * 0.6, row.value]) },
          ...(timed ? [{ type: "line", name: label(one), symbol: "none", lineStyle: { color: ink, width: 1.5, opacity: 0.7 }, itemStyle: { color: ink }, data: line.map((row) => [x(row, i), row.mean]) }] : []),
          intervals(label(one), line.map((row) => [x(row, i), row.mean, row.low, row.high]), ink),
        ];
      }),
      ...(hasModel ? [...new Set(model.map((row) => row.condition))].map((condition, n) => {
        const mine = model.filter((row) => row.condition === condition && (!timed || hours.includes(row.hours)));
        const at = (row) => (timed ? place(row.hours) : Math.max(0, series.findIndex((one) => one.condition === condition)));
        return { type: "line", name: `model, ${condition}`, symbol: n % 2 ? "emptyRect" : "emptyDiamond", symbolSize: 13, z: 9, lineStyle: { color: colour("--ink"), type: "dashed", width: 2 }, itemStyle: { color: colour("--ink"), borderWidth: 2 }, data: mine.map((row) => [at(row), row.mean]).sort((a, b) => a[0] - b[0]) };
      }) : []),
    ],
  });
  const rows = () => [["group", "condition", "hours", "mean", "95 % from", "to", "animals"], ...means.map((row) => [row.group, row.condition, row.hours, row.mean, row.low, row.high, String(row.animals)])];
  return chart(make, { title: title.replace(/^./, (c) => c.toUpperCase()), name, height: "22rem", description: `${title}. ${means.slice(0, 10).map((row) => `${row.group} ${row.condition ?? ""}${row.hours === null ? "" : ` at ${row.hours} h`}: ${rounded(row.mean)}`).join("; ")}.`,
    csv: () => [["group", "condition", "hours", "animal", "value"], ...animals.map((row) => [row.group, row.condition, row.hours, row.animal, row.value])], numbers: rows });
}

/** Effect sizes with their intervals: differences within a measure are on one scale, so one measure a chart. */
function forest(effects, name) {
  const sized = effects.filter((row) => row.hedges_g !== null).slice(0, 30);
  const text = (row) => `${row.comparison}${row.hours === null ? "" : `, ${row.hours} h`} (${row.where.replace(/^(group|condition) /, "")}${distinct(effects, "measure").length > 1 ? `, ${row.measure}` : ""})`;
  const make = () => {
    const list = sized.toReversed();
    return {
      grid: { top: 12, bottom: 30 }, tooltip: { trigger: "item", formatter: ({ data }) => `Hedges' g <b>${rounded(data.value?.[0] ?? data[0])}</b>` },
      yAxis: { type: "category", data: list.map(text), axisTick: { show: false }, axisLabel: { width: 230, overflow: "truncate" } },
      xAxis: { type: "value", name: "Hedges' g", nameLocation: "middle", nameGap: 26 },
      series: [{ type: "bar", barWidth: 7, itemStyle: { color: colour("--series-6"), borderRadius: 3 }, data: list.map((row) => row.hedges_g) }],
    };
  };
  const table = () => [["experiment", "measure", "hours", "comparison", "where", "difference", "95 % from", "to", "Hedges' g"], ...effects.map((row) => [row.experiment, row.measure, row.hours, row.comparison, row.where, row.difference, row.low, row.high, row.hedges_g])];
  return chart(make, { title: "Effect sizes", name: `${name}-effects`, height: `${Math.max(9, sized.length * 1.6 + 4)}rem`, description: `Hedges' g. ${sized.slice(0, 10).map((row) => `${text(row)}: ${rounded(row.hedges_g)}`).join("; ")}.`, csv: table, numbers: table });
}

function tableCard(title, name, table) {
  const rows = [table.columns, ...table.rows];
  return h("details", { class: "card wide" }, h("summary", {}, `${title}: ${table.of} rows`),
    h("p", {}, h("button", { type: "button", class: "small", onclick: () => download(`${name}.csv`, csvText(rows), "text/csv") }, "Save as CSV"), table.of > table.rows.length ? h("span", { class: "soft small" }, ` the first ${table.rows.length}`) : null),
    tableOf([table.columns, ...table.rows.slice(0, 200)]));
}
