"""One router a subject; each module holds a `router` that `engramlab.web.app` includes."""
