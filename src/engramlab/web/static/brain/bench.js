// Live animals on the bench: what was done to each. The server can make any of them again from that.
import { post } from "../lib/api.js";
import { Film } from "./film.js";

const where = (cells) => (cells.tagged ? `tagged cells of ${cells.region}` : cells.as_many_as ? `as many other cells of ${cells.region}` : cells.share === 1 ? `all of ${cells.region}` : `${100 * cells.share} % of ${cells.region}`);
const list = (value) => [value].flat().filter(Boolean).join(", ");

export class Animal {
  constructor({ seed = 1, places = null, without = [], actions = [] } = {}) {
    Object.assign(this, { seed, places, without, actions: [...actions], state: null, film: null });
  }
  request(actions = this.actions) {
    return { seed: this.seed, without: this.without, actions, ...(this.places ? { places: this.places } : {}) };
  }
  /** Ask for the animal after these actions; nothing changes here when that is not possible. */
  async become(actions) {
    const on = this.film && actions.length >= this.actions.length;
    const since = on ? this.film.length : 0;
    const state = await post("/live", { ...this.request(actions), since });
    // Frames come as they were seen: with fewer actions they are fetched anew.
    if (on) this.film.frames.push(...state.film.frames);
    else if (this.film) this.film.frames.splice(0, Infinity, ...state.film.frames);
    else this.film = new Film(state.film.brain, state.film.frames);
    this.actions = [...actions];
    this.state = state;
  }
  copy() {
    const twin = new Animal(this);
    twin.state = this.state;
    twin.film = new Film(this.film.brain, [...this.film.frames]);
    return twin;
  }
}

export class Bench {
  constructor(mouse = new Animal()) { this.mouse = mouse; }
  get state() { return this.mouse.state; }
  film() { return this.mouse.film; }
  request() { return this.mouse.request(); }
  refresh() { return this.mouse.become(this.mouse.actions); }
  act(actions) { return this.mouse.become([...this.mouse.actions, ...actions]); }
  undo() { return this.mouse.become(this.mouse.actions.slice(0, -1)); }
  async restart(seed) {
    this.mouse.seed = seed;
    this.mouse.actions = [];
    this.mouse.film.frames.length = 0;
    await this.mouse.become([]);
  }
  overlap() { return post("/live/overlap", this.request()); }

  keep(key) {
    try { sessionStorage.setItem(key, JSON.stringify({ seed: this.mouse.seed, actions: this.mouse.actions })); } catch { /* private window */ }
  }
  static restored(key) {
    try { return new Bench(new Animal(JSON.parse(sessionStorage.getItem(key)))); } catch { return null; }
  }

  /** An action in words. */
  words(action) {
    const beams = (action.light ?? []).map((beam) => `, light ${beam.effect}s ${where(beam.cells)}`).join("");
    switch (action.do) {
      case "enter": return `into ${action.place}`;
      case "stay": return `${action.moments / 2} min${action.shock_mA ? `, shock of ${action.shock_mA} mA` : ""}${action.cue ? `, ${action.cue}` : ""}${action.reward ? ", reward" : ""}${beams}`;
      case "probe": return `probe in ${action.place}${action.cue ? `, ${action.cue}` : ""}${beams}`;
      case "leave": return "back to the home cage";
      case "wait": return action.nights ? `${action.nights} night${action.nights > 1 ? "s" : ""}` : `${action.hours} h`;
      case "open_tag": return "tag window opened";
      case "close_tag": return "tag window closed";
      case "inject": return `${action.drug} in ${list(action.region) || "the whole brain"}, ${action.hours} h`;
      case "infect": return `${action.what ?? "CREB"} in ${where(action.cells)}`;
      case "stress": return "stress, 30 min";
      case "silence": return `${list(action.region) || action.projection || where(action.cells)} silenced, ${action.hours} h`;
      case "lesion": return `lesion of ${list(action.region) || where(action.cells)}`;
      case "keep_awake": return `kept awake, ${action.hours} h`;
      case "block_replay": return `no replay, ${action.hours / 24} days`;
      case "house": return `housing, neurogenesis × ${action.neurogenesis}`;
      default: return action.do;
    }
  }
}
