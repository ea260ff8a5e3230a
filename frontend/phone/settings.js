// How somebody is told things, in which language, their calendar, what is known of them; and out.
import { useEffect, useRef, useState } from "preact/hooks";
import { forget } from "../shared/kept.js";
import { Letters } from "./letters.js";
import { Heading } from "./parts.js";
import { sendTest, standing, switchOff, switchOn } from "./push.js";
import { call, look, view } from "./store.js";
import { comma, html, lang, languages, t } from "./told.js";

const KINDS = ["offers", "changes", "reminders"];
const WAYS = ["push", "text", "mail"];

export function Settings({ moved }) {
  const { me } = view.state;
  return html`
    <${Heading} moved=${moved}>${t("settings")}<//>
    <${Language} />
    <${Letters} />
    ${me.is_person && html`<${Push} /><${Ways} />`}
    <${Calendar} />
    <${Profile} />
    ${me.is_person && html`<p><a class="tap" href="/sign-in">${t("account")}</a></p>`}
    <${Out} />`;
}

function Language() {
  const choose = async (event) => {
    const chosen = event.target.value;
    if (view.state.me.is_person) await call("PATCH", "/v1/me", { language: chosen });
    location.assign(`/app?lang=${chosen}#settings`);
  };
  return html`
    <label class="field">${t("language")}${lang !== "en" && html` <span lang="en" dir="ltr">(Language)</span>`}
      <select value=${lang} onChange=${choose}>
        ${Object.entries(languages).map(
          ([code, name]) => html`<option value=${code} lang=${code} selected=${code === lang}>${name}</option>`,
        )}
      </select>
    </label>`;
}

function Push() {
  const [how, set] = useState(null);
  const [told, tell] = useState("");
  useEffect(() => {
    standing().then(set);
  }, []);
  const on = async () => {
    set("wait");
    set(await switchOn());
  };
  const test = async () => tell((await sendTest()).failed ?? t("push-tested"));
  return html`
    <section aria-labelledby="push">
      <h2 id="push">${t("push-title")}</h2>
      <p role="status">${how && t(`push-${how}`)}</p>
      ${(how === "off" || how === "failed") &&
      html`<button class="wide" onClick=${on}>${t("push-on")}</button>`}
      ${how === "works" && html`<button class="wide" onClick=${test}>${t("push-test")}</button>`}
      <p role="status">${told}</p>
    </section>`;
}

function Ways() {
  const notify = view.state.me.notify ?? {};
  const [told, tell] = useState("");
  const choose = async (kind, way) => {
    const { [kind]: _, ...others } = notify;
    const wanted = way === "usual" ? others : { ...others, [kind]: way === "none" ? [] : [way] };
    const answer = await call("PATCH", "/v1/me", {
      notify: Object.keys(wanted).length ? wanted : null,
    });
    tell(answer.failed ?? t("saved"));
    await look();
  };
  return html`
    <section aria-labelledby="ways">
      <h2 id="ways">${t("ways")}</h2>
      ${KINDS.map((kind) => {
        const now = notify[kind] ? (notify[kind][0] ?? "none") : "usual";
        const choices = ["usual", ...WAYS, ...(kind === "reminders" ? ["none"] : [])];
        return html`<label class="field" key=${kind}>${t(`ways-${kind}`)}
          <select value=${now} onChange=${(event) => choose(kind, event.target.value)}>
            ${choices.map((one) => html`<option value=${one} selected=${one === now}>${t(`way-${one}`)}</option>`)}
          </select>
        </label>`;
      })}
      <p role="status">${told}</p>
    </section>`;
}

function Calendar() {
  const [made, set] = useState({});
  const [told, tell] = useState("");
  const make = async () => set(await call("POST", "/v1/calendar-links", {}));
  const copy = async () => {
    await navigator.clipboard.writeText(made.url).then(() => tell(t("copied")), () => {});
  };
  return html`
    <section aria-labelledby="calendar">
      <h2 id="calendar">${t("calendar")}</h2>
      <p class="quiet">${t("calendar-hint")}</p>
      ${made.url
        ? html`<p>${t("calendar-once")}</p>
            <p class="address"><bdi dir="ltr">${made.url}</bdi></p>
            <div class="answers">
              <a class="button" href=${made.url.replace(/^https?:/, "webcal:")}>${t("calendar-open")}</a>
              <button onClick=${copy}>${t("copy")}</button>
            </div>`
        : html`<button class="wide" onClick=${make}>${t("calendar-make")}</button>`}
      <p role="status">${made.failed ?? told}</p>
    </section>`;
}

function Profile() {
  const { me } = view.state;
  const [told, tell] = useState("");
  const change = async (event) => {
    const body = { urgent_opt_in: event.target.checked };
    const answer = await call("PATCH", `/v1/interpreters/${me.id}`, body);
    tell(answer.failed ?? t("saved"));
    await look();
  };
  return html`
    <section aria-labelledby="profile">
      <h2 id="profile">${t("profile")}</h2>
      <p><b><bdi>${me.name}</bdi></b></p>
      <ul class="course">
        ${me.languages.map((one) => html`<li><bdi>${one.name}</bdi>: ${[one.level, ...one.dialects].join(comma)}</li>`)}
      </ul>
      ${me.phone && html`<p><bdi dir="ltr">${me.phone}</bdi></p>`}
      ${me.email && html`<p><bdi dir="ltr">${me.email}</bdi></p>`}
      ${me.city && html`<p>${t("home")}: <bdi>${me.city}</bdi></p>`}
      <p>${t("radius", { km: me.radius })}</p>
      ${me.quiet && html`<p>${t("quiet", me.quiet)}</p>`}
      <label class="check"><input type="checkbox" checked=${me.urgent} onChange=${change} /> ${t("urgent")}</label>
      <p class="quiet">${t("profile-hint")}</p>
      <p role="status">${told}</p>
    </section>`;
}

function Out() {
  const [sure, be] = useState(false);
  const [failed, fail] = useState(false);
  const button = useRef(null);
  useEffect(() => {
    if (sure || failed) button.current.scrollIntoView({ block: "nearest" }); // the words moved it
  }, [sure, failed]);
  const leave = async () => {
    if (view.waiting.length && !sure) return be(true);
    await switchOff();
    await forget({ unsent: true });
    const out = await fetch("/sign-in/out", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      redirect: "manual", // where it leads to says that it was done
    }).catch(() => null);
    // The browser's sign-in ends at the server only: nobody is told that they are out who is not.
    if (out?.type !== "opaqueredirect") return fail(true);
    return location.assign("/sign-in?next=/app");
  };
  return html`
    ${sure && html`<p class="note bad" role="alert">${t("sign-out-unsent")}</p>`}
    ${failed && html`<p class="note bad" role="alert">${t("needs-network")}</p>`}
    <button ref=${button} class="wide" onClick=${leave}>${t("sign-out")}</button>`;
}
