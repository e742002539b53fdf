import { h } from "../lib/dom.js";
import { empty } from "../lib/messages.js";

/** Draw the page into root; parts are what follows its name in the address. Return what to do on leaving. */
export async function render(root, parts) {
  root.append(h("h1", {}, "Live"), empty("Not here yet", "This page is being built."));
}
