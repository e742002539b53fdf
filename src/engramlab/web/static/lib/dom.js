// Elements without markup in strings: text can never become code.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") Object.assign(element.style, value);
    else if (name === "value" && "value" in element) element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  // A select can only be set once its options are there.
  if (attributes?.value !== undefined && element.tagName === "SELECT") element.value = attributes.value;
  return element;
}

/** h("button", {class: "primary", onclick: run}, "Run"): an HTML element. */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

let count = 0;
/** A label above its control; both belong together for a screen reader. */
export function field(text, control, hint) {
  control.id ||= `field-${++count}`;
  const parts = [h("label", { for: control.id }, text), control];
  if (hint) {
    const told = h("p", { class: "hint", id: `${control.id}-hint` }, hint);
    control.setAttribute("aria-describedby", told.id);
    parts.push(told);
  }
  return h("div", { class: "field" }, parts);
}

/** Options of a select: texts, or [value, text] pairs. */
export const options = (entries) =>
  entries.map((entry) => (Array.isArray(entry) ? h("option", { value: entry[0] }, entry[1]) : h("option", { value: entry }, entry)));

/** Call fn once, some time after the last of a row of calls. */
export function debounced(fn, milliseconds = 250) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...given), milliseconds);
  };
}

/** Hand the user a file. */
export function download(name, content, type = "text/plain") {
  const link = h("a", { href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
