// Pictures of a measure: every animal with means and intervals, over days, and groups compared.
import { chart, intervals, rounded, safe } from "../../lib/chart.js";
import { SYMBOLS, colour, groupColour } from "../../lib/colours.js";

export const LABELS = {
  freezing: "Freezing", preference: "Place preference", discrimination: "Discrimination", engram_size: "Engram size",
  tag_size: "Tagged cells", reactivation_over_chance: "Reactivation over chance", over_representation: "Over-representation",
};
const UNITS = { percent: "%", s: "s", 1: "" };
const NO_EFFECT = { reactivation_over_chance: 1, over_representation: 1, preference: 0, discrimination: 0 };

export const labelOf = (measure) => LABELS[measure.measure] ?? measure.measure.replaceAll("_", " ");
export const unitOf = (measure) => UNITS[measure.unit] ?? measure.unit;
export const titleOf = (measure) => [labelOf(measure), measure.region && `in ${measure.region}`, measure.tag && `of ${measure.tag}`, measure.cells && `(${measure.cells})`].filter(Boolean).join(" ");
const axisName = (measure) => labelOf(measure) + (unitOf(measure) ? `, ${unitOf(measure)}` : "");

const fileName = (run, measure) => [run.id, measure.measure, measure.region, measure.tag, measure.cells].filter(Boolean).join("-");
const csvOf = (values) => () => [
  ["group", "session", "hours", "context", "probe", "animal", values.measure.measure + (values.measure.unit === "1" ? "" : `_${values.measure.unit}`)],
  ...values.rows.flatMap((row) => row.values.map((value, i) => [row.group, row.session, row.hours, row.context, row.probe, row.animals[i], value])),
];
const numbersOf = (values) => () => [["session", "group", "mean", "95 % from", "to", "animals"],
  ...values.rows.map((row) => [row.session, row.group, row.mean, row.low, row.high, String(row.values.length)])];
const described = (values) => `${titleOf(values.measure)}. ${values.rows.slice(0, 12).map((row) => `${row.group}${row.session ? ` in ${row.session}` : ""}: ${rounded(row.mean)} ${unitOf(values.measure)}`).join("; ")}${values.rows.length > 12 ? "; more in the table below" : ""}.`;

/** A place beside the middle for the i-th of n animals, always the same one. */
const jitter = (i, width) => (((i * 0.618034) % 1) - 0.5) * width;

/** Every animal as a dot, by session and group. */
export function dots(run, values, { groups, probes = () => false, controls } = {}) {
  const { measure } = values;
  const shown = () => values.rows.filter((row) => !probes() || row.probe || !row.session);
  const make = () => {
    const rows = shown(), sessions = [...new Set(rows.map((row) => row.session))];
    const present = groups.filter((group) => rows.some((row) => row.group === group));
    const step = 0.8 / present.length;
    const x = (row) => sessions.indexOf(row.session) + (present.indexOf(row.group) - (present.length - 1) / 2) * step;
    const long = Math.max(...sessions.map((name) => name.length)) * sessions.length > 90;
    return {
      legend: present.length > 1 ? { data: present } : undefined,
      grid: { top: present.length > 1 ? 58 : 34, bottom: long ? 4 : 8 },
      tooltip: { trigger: "item", formatter: ({ data, seriesName }) => (data.told ? `${safe(seriesName)} · ${safe(data.session)}<br>animal ${data.animal}: <b>${rounded(data.value[1])} ${unitOf(measure)}</b>` : `${safe(seriesName)}: <b>${rounded(data[1])}</b> (${rounded(data[2])} to ${rounded(data[3])})`) },
      xAxis: { type: "value", min: -0.5, max: sessions.length - 0.5, splitLine: { show: false }, axisTick: { show: false },
        axisLabel: { customValues: sessions.map((_, i) => i), formatter: (i) => sessions[i] || "animal", rotate: long ? 35 : 0, hideOverlap: false, interval: 0 } },
      yAxis: { type: "value", name: axisName(measure), nameLocation: "end", nameTextStyle: { align: "left", padding: [0, 0, 4, -30] }, min: measure.unit === "percent" && ["freezing"].includes(measure.measure) ? 0 : undefined, max: measure.measure === "freezing" ? 100 : undefined },
      series: present.flatMap((group) => {
        const index = groups.indexOf(group), mine = rows.filter((row) => row.group === group), ink = groupColour(index);
        return [
          { type: "scatter", name: group, symbol: SYMBOLS[index % 8], symbolSize: mine[0].values.length > 30 ? 5 : 8, itemStyle: { color: ink, opacity: 0.5 },
            data: mine.flatMap((row) => row.values.map((value, i) => ({ value: [x(row) + jitter(i + 1, step * 0.55), value], told: true, session: row.session, animal: row.animals[i] }))),
            ...(index === groups.indexOf(present[0]) && measure.measure in NO_EFFECT ? { markLine: { silent: true, symbol: "none", label: { formatter: measure.measure.includes("over") ? "chance" : "", color: colour("--soft"), position: "insideEndBottom" }, lineStyle: { color: colour("--faint"), type: "dashed" }, data: [{ yAxis: NO_EFFECT[measure.measure] }] } } : {}) },
          intervals(group, mine.map((row) => [x(row), row.mean, row.low, row.high]), ink),
        ];
      }),
    };
  };
  return chart(make, { title: titleOf(measure), name: fileName(run, measure), description: described(values), height: "23rem", csv: csvOf(values), numbers: numbersOf(values), controls });
}

/** Means over days, a line a group and context, with every animal. */
export function overDays(run, values, { groups }) {
  const { measure } = values;
  const timed = values.rows.filter((row) => row.hours !== null);
  const make = () => {
    const lines = [...new Set(timed.map((row) => `${row.group}\u0000${row.context}`))].map((key) => key.split("\u0000"));
    const several = new Set(lines.map(([, context]) => context)).size > 1;
    return {
      legend: {}, grid: { top: 58 },
      tooltip: { trigger: "item", formatter: ({ seriesName, value }) => `${safe(seriesName)}, day ${rounded(value[0])}: <b>${rounded(value[1])}</b>` },
      xAxis: { type: "value", name: "days", nameLocation: "middle", nameGap: 26, min: 0 },
      yAxis: { type: "value", name: axisName(measure), nameTextStyle: { align: "left", padding: [0, 0, 4, -30] } },
      series: lines.flatMap(([group, context], number) => {
        const index = groups.indexOf(group), ink = groupColour(index);
        const mine = timed.filter((row) => row.group === group && row.context === context).sort((a, b) => a.hours - b.hours);
        const name = several ? `${group}, ${context}` : group;
        const kind = ["solid", "dashed", "dotted"][[...new Set(timed.map((row) => row.context))].indexOf(context) % 3];
        return [
          { type: "line", name, symbol: SYMBOLS[index % 8], symbolSize: 9, lineStyle: { width: 2.5, type: kind }, itemStyle: { color: ink }, data: mine.map((row) => [row.hours / 24, row.mean]),
            ...(number === 0 ? { markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colour("--faint"), type: "dashed" }, data: [{ yAxis: 0 }] } } : {}) },
          intervals(name, mine.map((row) => [row.hours / 24, row.mean, row.low, row.high]), ink, { z: 2 }),
          { type: "scatter", name, symbol: "circle", symbolSize: 5, silent: true, itemStyle: { color: ink, opacity: 0.25 }, data: mine.flatMap((row) => row.values.map((value) => [row.hours / 24, value])) },
        ];
      }),
    };
  };
  return chart(make, { title: `${titleOf(measure)} over days`, name: `${fileName(run, measure)}-days`, description: described(values), height: "23rem", csv: csvOf(values), numbers: numbersOf(values) });
}

/** Differences between groups with their intervals. */
export function comparison(run, values, { probes = () => false } = {}) {
  const { measure } = values;
  const tested = new Set(values.rows.filter((row) => row.probe || !row.session).map((row) => row.session));
  const shown = () => values.comparisons.filter((each) => !probes() || tested.has(each.session));
  const rows = shown();
  const pairs = [...new Set(values.comparisons.map((each) => `${each.second} − ${each.first}`))];
  const text = (each) => (pairs.length === 1 && each.session ? each.session : `${each.second} − ${each.first}${each.session ? `, ${each.session}` : ""}`);
  const make = () => {
    const list = shown().toReversed();
    return {
      grid: { top: 16, bottom: 30 },
      tooltip: { trigger: "item", formatter: ({ data }) => `difference <b>${rounded(data[1])}</b> (${rounded(data[2])} to ${rounded(data[3])})` },
      yAxis: { type: "category", data: list.map(text), axisTick: { show: false }, axisLabel: { width: 190, overflow: "truncate" } },
      xAxis: { type: "value", name: `difference${unitOf(measure) ? `, ${unitOf(measure)}` : ""}`, nameLocation: "middle", nameGap: 26 },
      series: [
        { type: "scatter", silent: true, data: [], markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colour("--soft"), type: "solid" }, data: [{ xAxis: 0 }] } },
        ...pairs.map((pair, i) => intervals(pair, list.map((each, y) => [each, y]).filter(([each]) => `${each.second} − ${each.first}` === pair).map(([each, y]) => [y, each.difference, each.low, each.high]), groupColour(i), { horizontal: true })),
      ],
    };
  };
  const table = () => [["session", "groups", "difference", "95 % from", "to", "Hedges' g", "animals"],
    ...shown().map((each) => [each.session, `${each.second} − ${each.first}`, each.difference, each.low, each.high, each.hedges_g, String(each.animals)])];
  return chart(make, { title: pairs.length === 1 ? `${pairs[0]}: ${titleOf(measure).replace(/^./, (c) => c.toLowerCase())}` : `Groups compared: ${titleOf(measure).replace(/^./, (c) => c.toLowerCase())}`, name: `${fileName(run, measure)}-groups`,
    description: `Differences between groups${pairs.length === 1 ? ` (${pairs[0]})` : ""}. ${rows.slice(0, 10).map((each) => `${text(each)}: ${rounded(each.difference)}, 95 % interval ${rounded(each.low)} to ${rounded(each.high)}`).join("; ")}.`,
    height: `${Math.max(8, rows.length * 1.7 + 4)}rem`, csv: table, numbers: table });
}

/** Which sessions share their cells. */
export function overlapMatrix(run, overlap, group, controls) {
  const cells = overlap.groups[group] ?? [], { sessions } = overlap;
  const own = sessions.map((_, i) => i).filter((i) => cells[i]?.some((value) => value !== null));
  const found = own.flatMap((i, y) => own.map((j, x) => [x, y, cells[i][j]])).filter(([, , value]) => value !== null);
  const most = Math.max(2, ...found.map(([, , value]) => value));
  const make = () => ({
    grid: { top: 8, bottom: 62, right: 16 },
    tooltip: { formatter: ({ value }) => `${safe(sessions[own[value[1]]])} and ${safe(sessions[own[value[0]]])}<br><b>${rounded(value[2])} × chance</b>` },
    xAxis: { type: "category", data: own.map((i) => sessions[i]), axisLabel: { rotate: 35, interval: 0 }, splitArea: { show: false } },
    yAxis: { type: "category", data: own.map((i) => sessions[i]), inverse: true, axisLabel: { interval: 0 } },
    visualMap: { min: 0, max: most, calculable: true, orient: "horizontal", left: "center", bottom: 0, itemHeight: 140, itemWidth: 12, text: ["× chance", ""], inRange: { color: [colour("--heat-low"), colour("--heat-high")] } },
    series: [{ type: "heatmap", itemStyle: { borderColor: colour("--surface"), borderWidth: 2 },
      data: found.map((value) => ({ value, label: { color: colour(value[2] > most * 0.5 ? "--heat-ink" : "--ink") } })),
      label: { show: own.length <= 10, formatter: ({ value }) => value[2].toFixed(1) } }],
  });
  const table = () => [["", ...own.map((i) => sessions[i])], ...own.map((i) => [sessions[i], ...own.map((j) => cells[i][j])])];
  return chart(make, { title: "Overlap of active cells", name: `${run.id}-overlap-${overlap.region}-${group}`, controls,
    description: `Overlap over chance in ${overlap.region}, group ${group}, for each pair of ${own.length} sessions, mean over animals.`, height: `${Math.min(34, Math.max(18, own.length * 2.2 + 8))}rem`, csv: table, numbers: table });
}
