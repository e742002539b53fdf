// Colours of the page for what is drawn by scripts: charts and canvases.
// The palette is that of Okabe & Ito 2008; on dark ground blue and black are lightened.

// theme.js has set the theme when the page was opened.
const root = document.documentElement.dataset;
export const isDark = () => root.theme === "dark";

function show(dark) {
  root.theme = dark ? "dark" : "light";
  dispatchEvent(new Event("themechange"));
}

export function setDark(dark) {
  delete root.follows;
  try { localStorage.setItem("engramlab-theme", dark ? "dark" : "light"); } catch { /* private window */ }
  show(dark);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => { if (root.follows) show(event.matches); });

/** Value of a CSS variable, as colour("--ink"). */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The colours of groups, in order; they repeat after eight. */
export const palette = () => Array.from({ length: 8 }, (_, i) => colour(`--series-${i + 1}`));
export const groupColour = (index) => palette()[index % 8];

/** Symbols beside colours, so that groups can be told apart without them. */
export const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "roundRect", "arrow", "circle"];

/** A function that is called when light and dark change; returns one that ends it. */
export function onTheme(fn) {
  addEventListener("themechange", fn);
  return () => removeEventListener("themechange", fn);
}
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
