// Sending what waits: each thing once, in the order it was said. The server keeps the key of each
// with its effect, so sending again what had arrived changes nothing.
import { kept, remove, waiting } from "./kept.js";

const LATE = 30_000; // ms; from then on the time it was said at is sent along
const PATIENCE = 20_000; // ms for one answer
const AGAIN = [401, 408, 425, 429];

/**
 * Send what waits for whoever is signed in. Return {done, left, out}: what was answered, as
 * [{entry, ok, code, answer}], how much is left, and whether somebody has to sign in first.
 */
export function flush() {
  // The page and the worker, or two pages, take turns where the browser can make them.
  return navigator.locks ? navigator.locks.request("interpreters-outbox", sendAll) : sendAll();
}

async function sendAll() {
  const done = [];
  const who = await kept("who");
  for (const [place, entry] of await waiting()) {
    if (entry.who !== who) continue;
    const result = await send(entry);
    if (result.again) return { done, left: true, out: result.out };
    await remove(place);
    done.push({ entry, ...result });
  }
  return { done, left: false, out: false };
}

async function send(entry) {
  // What a phone's wrong clock says is not taken: then the server's own time counts.
  const late = entry.late && Date.now() - entry.at > LATE ? [entry.late].flat() : [];
  try {
    for (const [place, body] of late.entries()) {
      const result = await answer(entry, `${entry.key}-late${place || ""}`, body);
      if (result.status !== 422) return result;
    }
    return await answer(entry, entry.key, entry.body);
  } catch {
    return { again: true }; // no network
  }
}

async function answer(entry, key, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const response = await fetch(entry.path, {
      method: entry.method,
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        Role: "interpreter",
      },
      body: JSON.stringify(body),
      signal: stop.signal,
    });
    const said = await response.json().catch(() => ({}));
    const { status, ok } = response;
    const again =
      AGAIN.includes(status) || status >= 500 || said.code === "idempotency-in-progress";
    return { ok, status, again, out: status === 401, code: said.code, answer: said };
  } finally {
    clearTimeout(timer);
  }
}
