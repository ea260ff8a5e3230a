// The interpreter's phone: offers, jobs, hours, pay, settings. Which screen is seen stands behind
// the `#` of the address.
import "./main.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Expenses } from "./expenses.js";
import { Hours } from "./hours.js";
import { Jobs, OneJob } from "./jobs.js";
import { enlarge } from "./letters.js";
import { Offers } from "./offers.js";
import { Pay } from "./pay.js";
import { renew } from "./push.js";
import { tellSeen } from "./seen.js";
import { Settings } from "./settings.js";
import { awake, begin, drawnBy, heard, look, view } from "./store.js";
import { html, t } from "./told.js";

const SCREENS = { offers: Offers, jobs: Jobs, hours: Hours, pay: Pay, settings: Settings };
const OF_JOBS = { job: OneJob, expenses: Expenses };
const ICONS = {
  offers: "M4 5h16v11H9l-5 4z",
  jobs: "M4 8h16v11H4zM9 8V5h6v3M4 13h16",
  hours: "M12 4a8 8 0 1 0 .01 0M12 8v4l3 2",
  pay: "M3 7h18v11H3zM12 10a2.5 2.5 0 1 0 .01 0",
  settings: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4",
};

const place = () => {
  const [screen, id] = location.hash.slice(1).split("/");
  return screen === "offer" ? { screen: "offers", scroll: id } : { screen: screen || "offers", id };
};

function App() {
  const [, draw] = useState(0);
  const [at, go] = useState(place());
  const moved = useRef(false);
  useEffect(() => {
    drawnBy(() => draw((count) => count + 1));
    const moving = () => {
      moved.current = true;
      go(place());
      scrollTo(0, 0);
    };
    addEventListener("hashchange", moving);
    begin()
      .then(register) // not before: it loads everything once more
      .then(() => view.state?.who && renew());
  }, []);
  useEffect(() => {
    if (at.scroll && view.state?.who) document.getElementById(at.scroll)?.scrollIntoView();
  }, [at.scroll, Boolean(view.state)]);
  const { state } = view;
  useEffect(() => {
    if (view.fresh && state.who) tellSeen();
  }, [state]);
  if (!state) return html`<main><h1>${t("jobs")}</h1><p role="status">${t(view.looked ? "needs-network" : "loading")}</p></main>`;
  if (!state.who) return html`<${SignedOut} other=${state.other} />`;
  const Screen = SCREENS[at.screen];
  const Inner = OF_JOBS[at.screen];
  return html`
    <main>
      <${Standing} />
      ${Inner
        ? html`<${Inner} key=${`${at.screen} ${at.id}`} id=${at.id} moved=${moved.current} />`
        : html`<${Screen ?? Offers} key=${at.screen} moved=${moved.current} />`}
    </main>
    <${Tabs} screen=${Inner ? "jobs" : at.screen} />`;
}

/** Whether this is how things are, or how they were; and whether something waits. */
function Standing() {
  const { fresh, looked, state, waiting, out } = view;
  return html`
    <p class="hidden" role="status">${view.said}</p>
    ${!fresh && looked &&
    html`<p class="note wait" role="status">
      ${t("offline", { time: state.now_text })} <button class="plain" onClick=${awake}>${t("refresh")}</button>
    </p>`}
    ${waiting.length > 0 && view.tries > 0 &&
    html`<p class="note wait" role="status">
      ${t(out ? "not-sent-out" : "not-sent")} ${out && html`<a href="/sign-in?next=/app">${t("sign-in")}</a>`}
    </p>`}`;
}

function Tabs({ screen }) {
  const bar = useRef(null);
  useEffect(() => {
    const here = bar.current.querySelector("[aria-current]"); // with large letters it may be beside
    here?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [screen]);
  return html`
  <nav ref=${bar} aria-label=${t("menu")}>
    ${Object.keys(SCREENS).map((one) => {
      const count = one === "offers" ? view.state.offers.filter((each) => each.state === "open").length : 0;
      return html`<a key=${one} href=${`#${one}`} aria-current=${one === screen ? "page" : undefined}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[one]} /></svg>
        <span>${t(one)}</span>
        ${count > 0 && html`<b class="count">${count}</b>`}
      </a>`;
    })}
  </nav>`;
}

const SignedOut = ({ other }) => html`
  <main>
    <h1>${t("jobs")}</h1>
    <p role="status">${t(other ? "not-interpreter" : "signed-out")}</p>
    ${view.waiting.length > 0 && html`<p class="note wait">${t("not-sent-out")}</p>`}
    <p><a class="button yes wide" href="/sign-in?next=/app">${t("sign-in")}</a></p>
  </main>`;

async function register() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.kind === "flushed") heard(data.done);
    if (data.kind === "go") location.hash = data.hash;
    if (data.kind !== "flushed") look();
  });
  await navigator.serviceWorker.register("/app/worker.js", { scope: "/app" }).catch(() => {});
}

enlarge().catch(() => {}); // as large as they are
const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
