// Speaks to the server. Whatever goes wrong becomes a LabError with problems to show.

export class LabError extends Error {
  /** problems: [{where, line, what, allowed}] */
  constructor(problems, status = 0) {
    super(problems.map((problem) => problem.what).join("; "));
    this.problems = problems;
    this.status = status;
  }
}

async function ask(method, path, { json, body, signal } = {}) {
  const request = { method, signal, headers: {} };
  if (json !== undefined) {
    request.body = JSON.stringify(json);
    request.headers["content-type"] = "application/json";
  } else if (body !== undefined) {
    request.body = body;
    request.headers["content-type"] = "application/octet-stream";
  }
  let response;
  try {
    response = await fetch(`/api${path}`, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new LabError([{ what: "The laboratory does not answer.", allowed: "Is 'engramlab lab' still running in its terminal?" }]);
  }
  if (response.status === 204) return null;
  const isJson = response.headers.get("content-type")?.includes("json");
  const content = isJson ? await response.json() : await response.text();
  if (!response.ok) {
    throw new LabError(content.problems ?? [{ what: `The laboratory answered with status ${response.status}.` }], response.status);
  }
  return content;
}

export const get = (path, more) => ask("GET", path, more);
export const post = (path, json = {}, more) => ask("POST", path, { json, ...more });
export const remove = (path) => ask("DELETE", path);
export const upload = (path, file, more) => ask("POST", path, { body: file, ...more });
export const url = encodeURIComponent;
