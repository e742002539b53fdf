"""The laboratory in a browser: a local server and its page (see docs/browser.md)."""
