// How verdicts look: a sign and words beside the colour.

export const MARKS = {
  pass: { symbol: "✓", text: "holds" },
  fail: { symbol: "✗", text: "fails" },
  part: { symbol: "◐", text: "holds with some seeds" },
  none: { symbol: "·", text: "not evaluated" },
};

export const STATES = {
  falls: { symbol: "▼", text: "falls" }, gained: { symbol: "▲", text: "gained" }, holds: { symbol: "●", text: "holds still" },
  fails: { symbol: "·", text: "fails with and without" }, "n/a": { symbol: "–", text: "not applicable: the finding itself switches it off" }, unknown: { symbol: "?", text: "not known yet" },
};

/** pass, fail, part or none, of a finding in a scorecard. */
export const markOf = (outcome) => (!outcome ? "none" : outcome.share_of_seeds === 1 ? "pass" : outcome.share_of_seeds === 0 ? "fail" : "part");
