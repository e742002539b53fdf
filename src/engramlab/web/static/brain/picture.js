// The brain as a picture: every neuron a dot in its region, on a canvas that is sharp on any screen.
import { calm, colour, isDark, onTheme } from "../lib/colours.js";
import { download, h } from "../lib/dom.js";
import { SCALES } from "./film.js";
import { HEIGHT, LABELS, PARTS, PATHS, WIDTH, placed, silhouette } from "./layout.js";

// Viridis (van der Walt & Smith 2015): even steps of lightness, the same for colour-blind eyes.
const VIRIDIS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const mix = (a, b, share) => a.map((value, i) => Math.round(value + (b[i] - value) * share));
const css = (c) => `rgb(${c.join(" ")})`;

/** 33 colours from the least to the most: strong against the ground in light and dark. */
function ramp() {
  const stops = VIRIDIS.map(rgb);
  const order = isDark() ? stops.slice(1) : stops.slice(0, 9).reverse();
  const rest = rgb(isDark() ? "#333f4a" : "#d5dde4");
  return Array.from({ length: 33 }, (_, i) => {
    const place = (i / 32) * (order.length - 1), low = Math.min(order.length - 2, Math.floor(place));
    const full = mix(order[low], order[low + 1], place - low);
    return css(i < 6 ? mix(rest, full, i / 6) : full);
  });
}

/** What a set of cells looks like: kinds of cells with their text, colour, mark. */
const KINDS = [
  ["rest", "neither"],
  ["member", "in the engram, silent now"],
  ["other", "active now, not in the engram"],
  ["both", "in the engram and active now"],
];

/** Draws to a canvas context or, with the same calls, to the text of an SVG. */
function svgPen() {
  const parts = [];
  const n = (value) => Number(value.toFixed(2));
  return {
    disc: (x, y, r, fill, alpha = 1) => parts.push(`<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"${alpha < 1 ? ` opacity="${n(alpha)}"` : ""}/>`),
    ring: (x, y, r, stroke, width) => parts.push(`<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="none" stroke="${stroke}" stroke-width="${n(width)}"/>`),
    square: (x, y, r, fill) => parts.push(`<rect x="${n(x - r)}" y="${n(y - r)}" width="${n(2 * r)}" height="${n(2 * r)}" fill="${fill}"/>`),
    cross: (x, y, r, stroke) => parts.push(`<path d="M${n(x - r)} ${n(y - r)}l${n(2 * r)} ${n(2 * r)}m0 ${n(-2 * r)}l${n(-2 * r)} ${n(2 * r)}" stroke="${stroke}" stroke-width="1.2"/>`),
    curve: ([a, b, c], stroke, width, dashed, alpha) => parts.push(`<path d="M${a.join(" ")}Q${b.join(" ")} ${c.join(" ")}" fill="none" stroke="${stroke}" stroke-width="${n(width)}" opacity="${alpha}" stroke-linecap="round"${dashed ? ' stroke-dasharray="2 9"' : ""}/>`),
    head: ([x, y], angle, size, fill, alpha) => parts.push(`<path d="M${n(x)} ${n(y)}l${n(-size * Math.cos(angle - 0.45))} ${n(-size * Math.sin(angle - 0.45))}L${n(x - size * Math.cos(angle + 0.45))} ${n(y - size * Math.sin(angle + 0.45))}Z" fill="${fill}" opacity="${alpha}"/>`),
    text: (x, y, text, fill, size, weight) => parts.push(`<text x="${x}" y="${y}" fill="${fill}" font-size="${size}" font-weight="${weight}" text-anchor="middle" font-family="system-ui, sans-serif">${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`),
    text_of: (ground) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="${ground}"/>${parts.join("")}</svg>`,
  };
}
function canvasPen(ctx) {
  const path = (fn) => { ctx.beginPath(); fn(); };
  return {
    disc: (x, y, r, fill, alpha = 1) => { ctx.globalAlpha = alpha; ctx.fillStyle = fill; path(() => ctx.arc(x, y, r, 0, 7)); ctx.fill(); ctx.globalAlpha = 1; },
    ring: (x, y, r, stroke, width) => { ctx.strokeStyle = stroke; ctx.lineWidth = width; path(() => ctx.arc(x, y, r, 0, 7)); ctx.stroke(); },
    square: (x, y, r, fill) => { ctx.fillStyle = fill; ctx.fillRect(x - r, y - r, 2 * r, 2 * r); },
    cross: (x, y, r, stroke) => { ctx.strokeStyle = stroke; ctx.lineWidth = 1.2; path(() => { ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r); }); ctx.stroke(); },
    curve: ([a, b, c], stroke, width, dashed, alpha) => {
      ctx.globalAlpha = alpha; ctx.strokeStyle = stroke; ctx.lineWidth = width; ctx.lineCap = "round"; ctx.setLineDash(dashed ? [2, 9] : []);
      path(() => { ctx.moveTo(...a); ctx.quadraticCurveTo(...b, ...c); }); ctx.stroke(); ctx.setLineDash([]); ctx.globalAlpha = 1;
    },
    head: ([x, y], angle, size, fill, alpha) => {
      ctx.globalAlpha = alpha; ctx.fillStyle = fill;
      path(() => { ctx.moveTo(x, y); ctx.lineTo(x - size * Math.cos(angle - 0.45), y - size * Math.sin(angle - 0.45)); ctx.lineTo(x - size * Math.cos(angle + 0.45), y - size * Math.sin(angle + 0.45)); });
      ctx.fill(); ctx.globalAlpha = 1;
    },
    text: (x, y, text, fill, size, weight) => { ctx.fillStyle = fill; ctx.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`; ctx.textAlign = "center"; ctx.fillText(text, x, y); },
  };
}

/**
 * A picture of the brain.
 *
 * @param onPick called with the number of a neuron that was chosen, or null
 * @returns the element, with .show(film, view) where view is {index, colour, engram, tag, chosen, regions}
 */
export function picture(onPick) {
  const canvas = h("canvas", { tabindex: "0", role: "img", class: "brain-canvas" });
  const legend = h("div", { class: "brain-legend" });
  const pointed = h("p", { class: "brain-pointed", "aria-hidden": "true" });
  const element = h("div", { class: "brain-picture" }, h("div", { class: "brain-stage" }, canvas, pointed), legend);
  let film = null, view = null, places = null;
  let from = null, to = null, share = 1, timer = 0; // values that the dots go from and to

  function target() {
    const out = new Float32Array(film.cells);
    if (view.colour === "engram" || view.colour === "tag") return out;
    const [, low, high] = SCALES[view.colour], values = film.values(view.index, view.colour);
    for (let i = 0; i < out.length; i += 1) out[i] = Math.min(1, Math.max(0, (values[i] - low) / (high - low)));
    return out;
  }

  element.show = (shownFilm, shownView) => {
    const moved = film === shownFilm && view && view.colour === shownView.colour && view.index !== shownView.index;
    film = shownFilm;
    view = shownView;
    places = placed(film.regions);
    const next = target();
    from = moved && to?.length === next.length && !calm() ? to.map((value, i) => from[i] + (value - from[i]) * share) : next;
    to = next;
    share = from === next ? 1 : 0;
    canvas.setAttribute("aria-label", view.description);
    drawLegend();
    cancelAnimationFrame(timer);
    const started = performance.now();
    const step = (now) => {
      share = from === to ? 1 : Math.min(1, (now - started) / 260);
      paint();
      if (share < 1) timer = requestAnimationFrame(step);
    };
    timer = requestAnimationFrame(step);
  };

  function drawLegend() {
    if (view.colour === "engram" || view.colour === "tag") {
      const set = view.colour === "tag" ? "tagged" : "in the engram";
      legend.replaceChildren(...KINDS.slice(1).map(([kind, text]) => h("span", { class: "key" }, h("span", { class: `mark ${kind}` }), text.replace("in the engram", set))));
    } else {
      const [text, low, high, what] = SCALES[view.colour];
      const bar = h("span", { class: "bar", role: "presentation", style: { background: `linear-gradient(to right, ${ramp().join(",")})` } });
      legend.replaceChildren(h("span", { class: "key" }, text, h("span", { class: "soft" }, String(low)), bar, h("span", { class: "soft" }, String(high))), h("span", { class: "soft small" }, what));
    }
    const frame = film.frames[view.index];
    if (frame.driven.length) legend.append(h("span", { class: "key" }, h("span", { class: "mark lit" }), "light drives"));
    if (frame.darkened.length) legend.append(h("span", { class: "key" }, h("span", { class: "mark dark" }, "×"), "light silences"));
    if (frame.silenced) legend.append(h("span", { class: "key" }, h("span", { class: "mark dark" }, "×"), "silenced or lesioned"));
    if (view.engram && Object.keys(frame.strength).includes(view.engram)) legend.append(h("span", { class: "key" }, h("span", { class: "mark line" }), "strength within the engram"), h("span", { class: "key" }, h("span", { class: "mark dots" }), "silent connections"));
  }

  /** All of the picture, by a pen. */
  function draw(pen, zoom = 1) {
    const ink = colour("--ink"), soft = colour("--soft"), ground = colour("--surface");
    const colours = ramp(), frame = film.frames[view.index];
    const rest = isDark() ? "#333f4a" : "#d5dde4";
    const mark = { member: colour("--series-1"), other: colour("--series-5"), both: colour("--series-2") };
    const { x, y, size } = places;
    const faint = (name) => view.regions?.length && !view.regions.includes(name);
    const strength = view.engram ? frame.strength[view.engram] : null;
    if (strength) {
      film.brain.projections.forEach((projection, q) => {
        const points = PATHS[projection.name];
        if (!points) return;
        const [strong, connected] = strength[q];
        const alpha = faint(projection.post) && faint(projection.pre) ? 0.12 : 0.5;
        const [a, b, c] = points, angle = Math.atan2(c[1] - b[1], c[0] - b[0]);
        if (connected > 0.02) pen.curve([a, b, c], ink, Math.max(2.5, 16 * connected), true, 0.6 * alpha);
        if (strong > 0.01) {
          const width = Math.max(1, 22 * Math.sqrt(strong));
          pen.curve([a, b, c], soft, width, false, alpha);
          pen.head([c[0] + 0.9 * width * Math.cos(angle), c[1] + 0.9 * width * Math.sin(angle)], angle, 7 + 1.5 * width, soft, alpha);
        }
      });
    }
    for (const region of film.regions) {
      const [lx, ly, name] = LABELS[region.name];
      pen.text(lx, ly, name, faint(region.name) ? soft : ink, Math.round(19 * zoom), 650);
    }
    for (const [px, py, text] of zoom > 1.4 ? [] : PARTS) pen.text(px, py, text, soft, 15, 450);
    const lit = new Set(frame.driven), dark = new Set(frame.darkened);
    for (const i of lit) pen.disc(x[i], y[i], 4.6 * size[i], isDark() ? "#3d9be0" : "#4fb4f0", 0.4);
    const set = view.colour === "tag" ? film.tagged(view.index, view.tag) : view.colour === "engram" ? film.engram(view.engram) : null;
    const active = film.active(view.index), stopped = film.silenced(view.index);
    const later = []; // what stands out is drawn last
    for (let i = 0; i < film.cells; i += 1) {
      const alpha = faint(film.regionOf(i).name) ? 0.25 : 1;
      if (set) {
        const kind = set[i] ? (active[i] ? "both" : "member") : active[i] ? "other" : "rest";
        if (kind === "rest") pen.disc(x[i], y[i], size[i], rest, alpha); else later.push([i, kind, alpha]);
      } else {
        const value = from[i] + (to[i] - from[i]) * share;
        if (value < 0.12) pen.disc(x[i], y[i], size[i], colours[Math.round(32 * value)], alpha); else later.push([i, value, alpha]);
      }
      if (stopped[i] || dark.has(i)) pen.cross(x[i], y[i], 0.9 * size[i], ink);
    }
    for (const [i, kind, alpha] of later) {
      if (kind === "both") { pen.disc(x[i], y[i], 1.75 * size[i], mark.both, alpha); pen.ring(x[i], y[i], 1.75 * size[i], ink, 0.8); }
      else if (kind === "member") { pen.disc(x[i], y[i], 1.2 * size[i], ground, alpha); pen.ring(x[i], y[i], 1.2 * size[i], mark.member, 0.75 * size[i]); }
      else if (kind === "other") pen.square(x[i], y[i], 1.1 * size[i], mark.other);
      else pen.disc(x[i], y[i], size[i] * (1 + 0.75 * Math.max(0, kind - 0.12)), colours[Math.round(32 * kind)], alpha);
    }
    if (view.chosen !== null && view.chosen !== undefined) {
      const i = view.chosen;
      pen.ring(x[i], y[i], 3.6 * size[i], ground, 7);
      pen.ring(x[i], y[i], 3.6 * size[i], colour("--accent"), 3.6);
    }
  }

  function paint() {
    const width = canvas.clientWidth;
    if (!width || !film) return;
    const ratio = Math.max(1, devicePixelRatio || 1), scale = (width * ratio) / WIDTH;
    const [w, hgt] = [Math.round(width * ratio), Math.round((width * ratio * HEIGHT) / WIDTH)];
    if (canvas.width !== w || canvas.height !== hgt) { canvas.width = w; canvas.height = hgt; }
    const ctx = canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, w, hgt);
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.fillStyle = colour("--ground");
    ctx.fill(silhouette());
    draw(canvasPen(ctx), Math.min(2, Math.max(1, 720 / width))); // names stay readable on a phone
  }

  function nearest(px, py, reach = 14) {
    let best = null, least = reach * reach;
    for (let i = 0; i < film.cells; i += 1) {
      const d = (places.x[i] - px) ** 2 + (places.y[i] - py) ** 2;
      if (d < least) { least = d; best = i; }
    }
    return best;
  }
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
  };
  canvas.addEventListener("click", (event) => onPick(nearest(...at(event), 22)));
  canvas.addEventListener("pointermove", (event) => {
    const cell = film && nearest(...at(event));
    canvas.style.cursor = cell === null ? "default" : "pointer";
    pointed.textContent = cell === null ? "" : film.nameOf(cell);
  });
  canvas.addEventListener("pointerleave", () => { pointed.textContent = ""; });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") { onPick(null); return; }
    if (!step) return;
    event.preventDefault();
    const start = view.chosen ?? film.region("CA1").start;
    let best = start, least = Infinity;
    for (let i = 0; i < film.cells; i += 1) {
      const dx = places.x[i] - places.x[start], dy = places.y[i] - places.y[start];
      const along = dx * step[0] + dy * step[1], across = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
      if (along > 0.5 && along >= across && along + across < least) { least = along + across; best = i; }
    }
    onPick(best);
  });

  element.save = (type, name) => {
    if (type === "svg") {
      const pen = svgPen();
      draw(pen);
      download(`${name}.svg`, pen.text_of(colour("--surface")), "image/svg+xml");
      return;
    }
    const copy = document.createElement("canvas");
    copy.width = 2 * WIDTH;
    copy.height = 2 * HEIGHT;
    const ctx = copy.getContext("2d");
    ctx.fillStyle = colour("--surface");
    ctx.fillRect(0, 0, copy.width, copy.height);
    ctx.scale(2, 2);
    ctx.fillStyle = colour("--ground");
    ctx.fill(silhouette());
    draw(canvasPen(ctx));
    copy.toBlob((blob) => download(`${name}.png`, blob));
  };
  const sizes = new ResizeObserver(() => paint());
  sizes.observe(canvas);
  const end = onTheme(() => { if (film) { drawLegend(); paint(); } });
  element.dispose = () => { sizes.disconnect(); end(); cancelAnimationFrame(timer); };
  return element;
}
