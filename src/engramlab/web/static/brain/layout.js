// Where the regions lie in the picture and where each neuron lies in its region.
// A side view of a mouse's brain, nose to the left, drawn so that every region has room for its cells.

export const WIDTH = 1072, HEIGHT = 640;

const rad = (degrees) => (degrees * Math.PI) / 180;
const ellipse = (cx, cy, rx, ry) => {
  const path = new Path2D();
  path.ellipse(cx, cy, rx, ry, 0, 0, 2 * Math.PI);
  return path;
};
/** Part of the ring of CA fields around DG, clockwise from one angle to another. */
const arc = (from, to) => {
  const path = new Path2D();
  path.ellipse(620, 262, 232, 196, 0, rad(from), rad(to));
  path.ellipse(620, 262, 152, 118, 0, rad(to), rad(from), true);
  path.closePath();
  return path;
};
/** Part of an ellipse between two heights or two places, as a path to be filled. */
const cut = (cx, cy, rx, ry, x0, y0, x1, y1) => {
  const path = new Path2D();
  const steps = 96;
  for (let i = 0; i <= steps; i += 1) {
    const x = Math.min(x1, Math.max(x0, cx + rx * Math.cos((2 * Math.PI * i) / steps)));
    const y = Math.min(y1, Math.max(y0, cy + ry * Math.sin((2 * Math.PI * i) / steps)));
    if (i) path.lineTo(x, y); else path.moveTo(x, y);
  }
  path.closePath();
  return path;
};

const EC = [918, 350, 88, 172], BLA = [410, 535, 150, 68];
/** Region -> parts in the order of their cells ("" for a region without populations). */
const SHAPES = {
  EC: { context: [cut(...EC, 0, 0, 2000, 384), [830, 178, 176, 206]], time: [cut(...EC, 0, 392, 2000, 449), [830, 392, 176, 57]], cue: [cut(...EC, 0, 457, 2000, 900), [830, 457, 176, 65]] },
  DG: { "": [ellipse(640, 300, 144, 108), [496, 192, 288, 216]] },
  CA3: { "": [arc(112, 215), [388, 80, 300, 380]] },
  CA1: { "": [arc(221, 354), [388, 60, 470, 220]] },
  PFC: { "": [ellipse(208, 318, 118, 132), [90, 186, 236, 264]] },
  BLA: { negative: [cut(...BLA, 0, 0, 406, 900), [260, 467, 146, 136]], positive: [cut(...BLA, 414, 0, 2000, 900), [414, 467, 146, 136]] },
};

export const LABELS = {
  EC: [918, 160, "EC", "entorhinal cortex: place, time, cues"],
  DG: [640, 440, "DG", "dentate gyrus"],
  CA3: [356, 236, "CA3", ""],
  CA1: [560, 48, "CA1", ""],
  PFC: [208, 170, "PFC", "prefrontal cortex"],
  BLA: [410, 628, "BLA", "amygdala: fear | reward"],
};

/** Learned connections that are drawn, with the points of their curve; loops return to their region. */
export const PATHS = {
  "EC-DG": [[836, 400], [800, 440], [752, 372]],
  "CA3-CA3": [[416, 404], [300, 360], [390, 292]],
  "CA3-CA1": [[398, 206], [400, 140], [452, 116]],
  "CA1-PFC": [[486, 92], [390, 50], [282, 206]],
  "EC-PFC": [[860, 480], [620, 640], [310, 400]],
  "PFC-PFC": [[130, 226], [40, 320], [130, 412]],
  "CA1-BLA": [[560, 110], [420, 300], [470, 478]],
  "PFC-BLA": [[236, 448], [260, 520], [300, 520]],
  "EC-BLA": [[868, 492], [720, 590], [560, 545]],
};

/** What the parts of a region hold. */
export const PARTS = [[1036, 300, "place"], [1036, 425, "time"], [1026, 492, "cues"], [246, 590, "fear"], [574, 590, "reward"]];

export function silhouette() {
  const path = new Path2D();
  path.moveTo(18, 372);
  path.bezierCurveTo(20, 300, 70, 262, 120, 240);
  path.bezierCurveTo(190, 90, 400, 18, 620, 18);
  path.bezierCurveTo(820, 18, 950, 80, 1005, 190);
  path.bezierCurveTo(1068, 250, 1068, 440, 1005, 506);
  path.bezierCurveTo(930, 560, 800, 560, 720, 560);
  path.bezierCurveTo(640, 625, 500, 632, 400, 628);
  path.bezierCurveTo(280, 620, 190, 560, 140, 480);
  path.bezierCurveTo(60, 470, 16, 440, 18, 372);
  path.closePath();
  return path;
}

const test = document.createElement("canvas").getContext("2d");

/** Points of a triangular grid within a shape, exactly `count` of them, slightly shaken. */
function scatter([shape, [left, top, width, height]], count, seed) {
  const inside = (spacing) => {
    const points = [];
    const rise = (spacing * Math.sqrt(3)) / 2, edge = 0.3 * spacing;
    for (let row = 0; row * rise < height + rise; row += 1) {
      for (let x = left + ((row % 2) * spacing) / 2; x < left + width + spacing; x += spacing) {
        const y = top + row * rise;
        if (test.isPointInPath(shape, x, y) && test.isPointInPath(shape, x - edge, y) && test.isPointInPath(shape, x + edge, y)) points.push([x, y]);
      }
    }
    return points;
  };
  let low = 3, high = 30;
  for (let i = 0; i < 18; i += 1) {
    const middle = (low + high) / 2;
    if (inside(middle).length >= count) low = middle; else high = middle;
  }
  const points = inside(low), extra = points.length - count;
  // Leave out the surplus evenly, then give cells places at random: neighbours in number are no neighbours.
  const kept = points.filter((_, i) => Math.floor(((i + 1) * extra) / points.length) === Math.floor((i * extra) / points.length));
  let state = seed;
  const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
  for (let i = kept.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [kept[i], kept[j]] = [kept[j], kept[i]];
  }
  return { spacing: low, points: kept.map(([x, y]) => [x + (random() - 0.5) * 0.35 * low, y + (random() - 0.5) * 0.35 * low]) };
}

let known = null;
/** Places of all neurons of a film's brain: {x, y, size} of each. */
export function placed(regions) {
  const key = JSON.stringify(regions.map((region) => [region.name, region.cells]));
  if (known?.key === key) return known;
  const x = [], y = [], size = [];
  regions.forEach((region, number) => {
    const populations = Object.entries(region.populations);
    for (const [part, [first, end]] of populations.length ? populations : [["", [0, region.cells]]]) {
      const shape = SHAPES[region.name]?.[part] ?? Object.values(SHAPES[region.name])[0];
      const { spacing, points } = scatter(shape, end - first, 17 * number + first + 1);
      for (const point of points) { x.push(point[0]); y.push(point[1]); size.push(0.36 * spacing); }
    }
  });
  known = { key, x: Float32Array.from(x), y: Float32Array.from(y), size: Float32Array.from(size) };
  return known;
}
