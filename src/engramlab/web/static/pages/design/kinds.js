// Kinds of steps: how they are named, drawn and filled in.

/** [kind, title, symbol, CSS class of its colour, a new one] */
export const KINDS = {
  session: { title: "Session", symbol: "▣", tone: 1, hint: "The animal is in a place; shocks, cues, reward and light happen in it." },
  tag: { title: "Tag window", symbol: "⚑", tone: 5, hint: "Cells active in sessions of this window are labelled." },
  drug: { title: "Drug", symbol: "◐", tone: 4, hint: "A drug in the whole brain or in some regions." },
  virus: { title: "Virus", symbol: "✦", tone: 4, hint: "CREB, hM3Dq, hM4Di or KAT5 in a set of cells." },
  lesion: { title: "Lesion", symbol: "✕", tone: 2, hint: "Regions or cells are destroyed, for good." },
  silence: { title: "Silence", symbol: "▽", tone: 2, hint: "Regions, cells or projections, for some hours." },
  stress: { title: "Stress", symbol: "≈", tone: 2, hint: "Releases corticosterone." },
  sleep_deprivation: { title: "No sleep", symbol: "☼", tone: 6, hint: "The animal is kept awake." },
  replay_block: { title: "No replay", symbol: "☾", tone: 6, hint: "Sleep without replay." },
  housing: { title: "Housing", symbol: "⌂", tone: 3, hint: "Changes how many neurons are born." },
};

export const kindOf = (step) => KINDS[step.do] ?? { title: String(step.do ?? "?"), symbol: "?", tone: 7, hint: "" };

/** A name that no session of the protocol has. */
export function freshName(stem, taken) {
  if (!taken.includes(stem)) return stem;
  for (let i = 2; ; i += 1) if (!taken.includes(`${stem}-${i}`)) return `${stem}-${i}`;
}

/** A new step of a kind, as valid as the protocol's names allow. */
export function newStep(kind, protocol) {
  const first = (part, other) => Object.keys(protocol[part] ?? {})[0] ?? other;
  switch (kind) {
    case "session": {
      const taken = (protocol.timeline ?? []).map((step) => step?.name);
      return { do: "session", name: freshName("session", taken), context: first("contexts", "A"), minutes: 3 };
    }
    case "tag": return { do: "tag", name: first("tags", "engram"), hours: 1 };
    case "drug": return { do: "drug", drug: "anisomycin", hours: 8 };
    case "virus": return { do: "virus", cells: first("cells", "cells"), what: "CREB", excitability: 1 };
    case "lesion": return { do: "lesion", region: ["DG", "CA3", "CA1"] };
    case "silence": return { do: "silence", region: "CA1", hours: 1 };
    case "stress": return { do: "stress", intensity: 1, hours: 2 };
    case "sleep_deprivation": return { do: "sleep_deprivation", hours: 6 };
    case "replay_block": return { do: "replay_block", hours: 24 };
    case "housing": return { do: "housing", neurogenesis: 2, hours: 24 };
    default: return { do: kind };
  }
}

/** Entries that a new step of this kind refers to and that are not there yet. */
export function neededEdits(step, protocol) {
  const missing = (part, name) => name && !Object.hasOwn(protocol[part] ?? {}, name);
  const edits = [];
  if (step.do === "tag" && missing("tags", step.name)) edits.push({ op: "put", path: ["tags", step.name], value: {} });
  if (step.do === "virus" && missing("cells", step.cells)) {
    edits.push({ op: "put", path: ["cells", step.cells], value: { region: "BLA", population: "negative", share: 0.15 } });
  }
  return edits;
}

/** Marks of what happens within a session, for its block. */
export function marks(step) {
  const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);
  const shocks = step.shocks?.at_minutes?.length ?? 0;
  return [
    shocks ? `⚡${shocks > 1 ? shocks : ""}` : "",
    list(step.cue).length ? "♪" : "",
    step.reward ? "★" : "",
    list(step.light).some((light) => light?.effect === "drive") ? "☀" : "",
    list(step.light).some((light) => light?.effect === "silence") ? "◌" : "",
  ].filter(Boolean).join(" ");
}

/** A short text for the block of a step. */
export function caption(step) {
  const target = (value) => (Array.isArray(value) ? value.join("+") : value ?? "");
  switch (step.do) {
    case "session": return String(step.name ?? "?");
    case "tag": return `tag ${step.name ?? "?"}`;
    case "drug": return `${step.drug ?? "?"}${step.region ? ` in ${target(step.region)}` : ""}`;
    case "virus": return `${step.what ?? "CREB"} in ${step.cells ?? "?"}`;
    case "lesion": return `lesion ${target(step.region ?? step.cells)}`;
    case "silence": return `silence ${target(step.region ?? step.cells ?? step.projection)}`;
    case "stress": return "stress";
    case "sleep_deprivation": return "no sleep";
    case "replay_block": return "no replay";
    case "housing": return "housing";
    default: return kindOf(step).title;
  }
}
