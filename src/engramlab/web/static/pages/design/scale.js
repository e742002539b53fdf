// Between hours and pixels. Experiments last weeks and sessions minutes, so gaps are shortened: the
// width of a gap grows with its logarithm. Without shortening it is linear.
import { lengthHours, startHours } from "../../lib/draft.js";

const FIRST_HOUR = 9; // hour 0 is 9:00 on day 0
const BEDTIME = 12; // hours after hour 0, 21:00
const SNAPS = [0.5 / 60, 1 / 60, 5 / 60, 0.25, 0.5, 1, 3, 6, 12, 24, 72, 168];
const weight = (hours) => Math.log10(1 + hours * 60) + 0.05;
const unweight = (w) => Math.max(0, (10 ** (w - 0.05) - 1) / 60);

export function scaleOf(steps, width, shorten) {
  const timed = steps.filter((step) => startHours(step) !== null);
  const starts = timed.map(startHours);
  const ends = timed.map((step) => startHours(step) + (lengthHours(step) ?? 0));
  const keys = [...new Set([0, ...starts, ...ends].map((hours) => Math.round(hours * 1e9) / 1e9))].sort((a, b) => a - b);
  const last = keys.at(-1), LAST_BLOCK = 190; // pixels for what begins last
  const places = [0]; // of each key, in units
  for (let i = 1; i < keys.length; i += 1) {
    const gap = keys[i] - keys[i - 1];
    places.push(places[i - 1] + (shorten ? weight(gap) : gap));
  }
  const unit = (width - LAST_BLOCK) / Math.max(places.at(-1), shorten ? 2.2 : Math.max(last, 1));

  function x(hours) {
    let i = keys.length - 1;
    while (i > 0 && keys[i] > hours) i -= 1;
    const over = hours - keys[i];
    if (!shorten) return (places[i] + over) * unit;
    if (i === keys.length - 1) return (places[i] + (over ? weight(over) : 0)) * unit;
    return (places[i] + (over / (keys[i + 1] - keys[i])) * (places[i + 1] - places[i])) * unit;
  }
  function hours(pixels) {
    const at = pixels / unit;
    let i = places.length - 1;
    while (i > 0 && places[i] > at) i -= 1;
    const over = at - places[i];
    if (!shorten) return keys[i] + over;
    if (i === places.length - 1) return keys[i] + (over > 0.05 ? unweight(over) : 0);
    return keys[i] + (over / (places[i + 1] - places[i])) * (keys[i + 1] - keys[i]);
  }
  const ticks = [...new Set([0, ...starts])].sort((a, b) => a - b).map((t) => ({ x: x(t), hours: t, text: shortTime(t) }));
  const nights = [];
  for (let i = 1; i < keys.length; i += 1) {
    const count = nightsBefore(keys[i]) - nightsBefore(keys[i - 1]);
    if (count > 0) nights.push({ from: x(keys[i - 1]), to: x(keys[i]), text: count === 1 ? "☾" : `☾ ${count} nights` });
  }
  return { x, hours, width, ticks, nights, keys };
}

const nightsBefore = (hours) => Math.max(0, Math.ceil((hours - BEDTIME) / 24));

/** The time at a place: that of another step nearby, else a round one. */
export function snapped(scale, x, others) {
  for (const step of others) {
    const start = startHours(step);
    if (start === null) continue;
    for (const time of [start, start + (lengthHours(step) ?? 0)]) if (Math.abs(scale.x(time) - x) < 7) return Math.round(time * 1e6) / 1e6;
  }
  const hours = scale.hours(x), coarse = Math.abs(scale.hours(x + 3) - scale.hours(Math.max(0, x - 3)));
  const size = SNAPS.find((snap) => snap >= coarse * 0.8) ?? SNAPS.at(-1);
  return Math.round(Math.round(hours / size) * size * 1e6) / 1e6;
}

const trim = (value) => String(Math.round(value * 100) / 100);

/** "5 min", "3 h", "day 1", "day 1 + 3 h". */
export function shortTime(hours) {
  if (hours === 0) return "start";
  if (hours < 1) return `${trim(hours * 60)} min`;
  if (hours < 24) return `${trim(hours)} h`;
  const day = Math.floor(hours / 24), rest = hours - day * 24;
  return rest < 1e-6 ? `day ${day}` : rest < 1 ? `day ${day} + ${trim(rest * 60)} min` : `day ${day} + ${trim(rest)} h`;
}

export const duration = (hours) => (hours < 1 ? `${trim(hours * 60)} min` : hours < 72 ? `${trim(hours)} h` : `${trim(hours / 24)} days`);

/** "day 1 09:00", as the command line writes it. */
export function clockTime(hours) {
  const minutes = Math.round((hours + FIRST_HOUR) * 60), day = Math.floor(minutes / 1440), rest = minutes % 1440;
  return `day ${day} ${String(Math.floor(rest / 60)).padStart(2, "0")}:${String(rest % 60).padStart(2, "0")}`;
}
