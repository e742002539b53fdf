// Frames of one animal, as the server packs them (web/films.py), unpacked when they are looked at.

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const ENGRAM_THRESHOLD = 0.3; // peak activity above which a cell counts as active in a session

/** What a colour can stand for: name -> [text, lowest, highest, how it is written]. */
export const SCALES = {
  activity: ["Activity", 0, 1, "activity in the last 30 s of a session, or mean over the replay events of a night"],
  peak: ["IEG (peak activity)", 0, 1, "highest activity in a session, what c-Fos or Arc shows"],
  excitability: ["Excitability", -0.5, 1.5, "drive that a cell gets without any input"],
  protein: ["Plasticity proteins", 0, 1, "what turns labile strength into lasting strength"],
  chromatin: ["Open chromatin", 0, 0.05, "histone acetylation"],
  input_strength: ["Learned input", 0, 0.3, "learned strength of all inputs, as a share of the largest"],
};

export class Film {
  constructor(brain, frames = []) {
    this.brain = brain;
    this.frames = frames;
    this.cells = brain.regions.reduce((sum, region) => sum + region.cells, 0);
    this.cache = new WeakMap();
    let start = 0;
    this.regions = brain.regions.map((region) => {
      const placed = { ...region, start, stop: start + region.cells };
      start = placed.stop;
      return placed;
    });
  }

  get length() { return this.frames.length; }
  region(name) { return this.regions.find((region) => region.name === name); }
  regionOf(cell) { return this.regions.find((region) => cell < region.stop); }
  /** "CA1 17", or "BLA 3 (negative)". */
  nameOf(cell) {
    const region = this.regionOf(cell), local = cell - region.start;
    const part = Object.entries(region.populations).find(([, [first, end]]) => local >= first && local < end);
    return `${region.name} ${local}${part ? ` (${part[0]})` : ""}`;
  }

  #unpacked(frame, key, make) {
    if (!this.cache.has(frame)) this.cache.set(frame, new Map());
    const kept = this.cache.get(frame);
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key);
  }

  /** Numbers of all neurons: activity, peak, or one of the state. */
  values(index, name) {
    const frame = this.frames[index];
    return this.#unpacked(frame, name, () => {
      const text = name in frame ? frame[name] : frame.state[name];
      const out = new Float32Array(this.cells);
      if (!text) return out;
      const packed = new DataView(bytes(text).buffer);
      for (let i = 0; i < out.length; i += 1) out[i] = this.brain.low + this.brain.step * packed.getUint16(2 * i, true);
      return out;
    });
  }

  #mask(frame, key, text) {
    return this.#unpacked(frame, key, () => {
      const out = new Uint8Array(this.cells);
      if (text) bytes(text).forEach((byte, i) => { for (let b = 0; b < 8 && 8 * i + b < out.length; b += 1) out[8 * i + b] = (byte >> b) & 1; });
      return out;
    });
  }
  tagged(index, tag) { const frame = this.frames[index]; return this.#mask(frame, `tag ${tag}`, frame.tags[tag]); }
  silenced(index) { const frame = this.frames[index]; return this.#mask(frame, "silenced", frame.silenced); }

  /** Cells active in this frame: in the session as a whole, or replayed in a night. */
  active(index) {
    const frame = this.frames[index];
    return this.#unpacked(frame, "active", () => {
      const values = this.values(index, frame.session ? "peak" : "activity");
      return Uint8Array.from(values, (value) => (value > ENGRAM_THRESHOLD ? 1 : 0));
    });
  }

  /** Index of the last frame of each session and probe, by name, in order. */
  sessions() {
    const found = new Map();
    this.frames.forEach((frame, index) => {
      if (!frame.session) return;
      found.delete(frame.session);
      found.set(frame.session, index);
    });
    return found;
  }
  /** Cells active in a session. */
  engram(session) {
    const index = this.sessions().get(session);
    return index === undefined ? new Uint8Array(this.cells) : this.active(index);
  }
  tags() { return [...new Set(this.frames.flatMap((frame) => Object.keys(frame.tags)))]; }

  /** By region: cells, active now, in the set, both, and both over chance. */
  counts(index, set) {
    const active = this.active(index);
    return this.regions.map((region) => {
      let now = 0, members = 0, both = 0;
      for (let i = region.start; i < region.stop; i += 1) {
        now += active[i];
        if (set) { members += set[i]; both += set[i] & active[i]; }
      }
      const chance = (now * members) / region.cells;
      return { region: region.name, cells: region.cells, now, members, both, over: chance > 0 ? both / chance : null };
    });
  }
}

/** Hours as "day 1 09:00" without the day's name for the first day. */
export const shortClock = (frame) => frame.clock.replace("day ", "d");
