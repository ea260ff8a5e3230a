// Offers that were before somebody's eyes: the server is told, so that a coordinator knows whether
// to ring. Nothing hangs on it: it waits for a network beside what is said, and stays silent.
import { useEffect, useRef } from "preact/hooks";
import { alter, kept } from "../shared/kept.js";
import { instant, now, patience, view } from "./store.js";

const LOOKED = 1000; // ms on the screen until it counts
const LATE = 30_000; // ms; from then on the time it was seen at is sent along
const AGAIN = [401, 408, 425, 429];

/** Return where an offer's times are drawn: once they were looked at, the offer was seen. */
export function useSeen(offer) {
  const here = useRef(null);
  useEffect(() => {
    if (offer.seen || !here.current || !("IntersectionObserver" in window)) return undefined;
    let timer = null;
    const wait = () => {
      timer = setTimeout(looked, LOOKED);
    };
    const looked = () => {
      if (document.visibilityState !== "visible") return wait();
      watch.disconnect();
      return saw(offer.id);
    };
    const watch = new IntersectionObserver(
      (changes) => {
        clearTimeout(timer);
        if (changes[changes.length - 1].isIntersecting) wait();
      },
      { threshold: 0.9 },
    );
    watch.observe(here.current);
    return () => {
      clearTimeout(timer);
      watch.disconnect();
    };
  }, [offer.id, offer.seen]);
  return here;
}

async function saw(id) {
  const one = { who: view.state.who, at: now() };
  await alter("seen", (all = {}) => (id in all ? all : { ...all, [id]: one }));
  await tellSeen();
}

let telling = null;

/** Tell the server what was seen and it does not know yet. */
export function tellSeen() {
  telling ??= tell().finally(() => (telling = null));
  return telling;
}

async function tell() {
  for (;;) {
    const all = Object.entries((await kept("seen")) ?? {});
    const [found] = all.filter(([, one]) => one.who === view.state.who);
    if (!found || !(await told(...found))) return;
    await alter("seen", ({ [found[0]]: _, ...others }) => others);
  }
}

/** Whether it need not be told again. */
async function told(id, { at }) {
  const late = now() - at > LATE;
  const status = await send(id, late ? { said_at: instant(at) } : {});
  // What a phone's wrong clock says is not taken: then the server's own time counts.
  const last = status === 422 && late ? await send(id, {}) : status;
  return last > 0 && last < 500 && !AGAIN.includes(last);
}

function send(id, body) {
  return fetch(`/v1/offers/${id}/seen`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Role: "interpreter" },
    body: JSON.stringify(body),
    signal: patience(),
  }).then((response) => response.status, () => 0);
}
