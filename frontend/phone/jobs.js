// What somebody has said yes to: where it is, whom to call, and what they say of it on the way.
import { useState } from "preact/hooks";
import { Save } from "./files.js";
import { Ask, Fact, Fate, Heading, Pair, When } from "./parts.js";
import { instant, now, pending, say, view } from "./store.js";
import { comma, html, t } from "./told.js";

const LIVE = ["held", "confirmed", "in_progress"];
const AGREED = ["confirmed", "in_progress"]; // what was agreed on can be kept, signed
const WHY = ["illness", "emergency", "conflict_of_interest", "wrong_dialect", "double_booked", "other"];
const LATE = [5, 10, 15, 20, 30, 45, 60];

export function Jobs({ moved }) {
  const { jobs } = view.state;
  const [next, ...later] = jobs.filter((one) => LIVE.includes(one.state));
  const past = jobs.filter((one) => !LIVE.includes(one.state)).reverse();
  return html`
    <${Heading} moved=${moved}>${t("jobs")}<//>
    ${next ? html`<h2 class="over">${t("next-job")}</h2><${Job} job=${next} />` : html`<p>${t("no-jobs")}</p>`}
    ${later.length > 0 && html`<h2 class="over">${t("later-jobs")}</h2><${Rows} of=${later} />`}
    ${past.length > 0 && html`<h2 class="over">${t("past-jobs")}</h2><${Rows} of=${past} />`}`;
}

export const Rows = ({ of, to = "job" }) => html`
  <ul class="rows">
    ${of.map(
      (job) => html`<li key=${job.id}>
        <a href=${`#${to}/${job.id}`}>
          <b><${Pair} of=${job} /></b>
          <span>${job.day}${comma}<bdi>${job.times}</bdi></span>
          <span class="quiet">${job.state_text}${job.approval && html`. ${job.approval}`}</span>
        </a>
      </li>`,
    )}
  </ul>`;

export function OneJob({ id, moved }) {
  const job = view.state.jobs.find((one) => one.id === id);
  return html`
    <p><a class="back" href="#jobs">${t("back")}</a></p>
    <${Heading} moved=${moved}>${job ? html`<${Pair} of=${job} />` : t("failed-not-found")}<//>
    ${job && html`<${Job} job=${job} alone />`}`;
}

function Job({ job, alone }) {
  return html`
    <article id=${job.id} aria-label=${`${job.languages.join(" – ")}${comma}${job.day}`}>
      ${!alone && html`<h3><a href=${`#job/${job.id}`}><${Pair} of=${job} /></a></h3>`}
      <${When} of=${job} />
      <p class="state">${job.state_text}</p>
      ${job.asked_by ? html`<${Conflict} job=${job} />` : html`<${Where} job=${job} />`}
      <${Course} job=${job} />
      <${Fate} about=${job.id} />
      ${LIVE.includes(job.state) && html`<${Verbs} job=${job} />`}
      ${alone && AGREED.includes(job.state) && html`<${Save} path=${`/v1/bookings/${job.id}/receipt`} name=${job.id} text=${t("agreed")} />`}
      ${alone && job.spending && html`<a class="button wide" href=${`#expenses/${job.id}`}>${t("expenses")}</a>`}
    </article>`;
}

/** Where it is and whom to call. */
function Where({ job }) {
  const { contact } = job;
  const address = contact && [contact.site, contact.address, contact.city].filter(Boolean);
  return html`
    <dl>
      <${Fact} name=${job.mode_text}>${job.minutes}<//>
      ${job.mode === "in_person" &&
      address?.length > 0 &&
      html`<${Fact} name=${t("where")}>
        ${address.map((line) => html`<span class="line"><bdi>${line}</bdi></span>`)}
        ${job.geo && html`<a class="tap" href=${map(job)}>${t("map")}</a>`}
      <//>`}
      <${Fact} name=${t("room")}>${job.room && html`<bdi>${job.room}</bdi>`}<//>
      <${Connect} job=${job} />
      <${Fact} name=${t("instructions")}>${job.instructions && html`<bdi class="words">${job.instructions}</bdi>`}<//>
      ${contact?.phone && html`<${Fact} name=${t("phone")}><${Phone} number=${contact.phone} /><//>`}
      ${contact?.email &&
      html`<${Fact} name=${t("email")}><a class="tap" href=${`mailto:${contact.email}`}><bdi>${contact.email}</bdi></a><//>`}
      <${Fact} name=${t("topic")}>${job.topic}<//>
      <${Fact} name=${t("attendees")}>${job.attendees}<//>
      ${job.arrivals?.length > 0 && html`<${Fact} name=${t("arrivals")}><bdi dir="ltr">${job.arrivals.join(", ")}</bdi><//>`}
      <${Fact} name=${t("you-earn")}>${job.pay && html`<b class="money"><bdi>${job.pay}</bdi></b>`}<//>
    </dl>`;
}

const Phone = ({ number }) =>
  html`<a class="tap" href=${`tel:${number.replace(/[^+\d]/g, "")}`}><bdi dir="ltr">${number}</bdi></a>`;

/** How a session by phone or video comes about; the number itself only from half an hour before. */
function Connect({ job }) {
  const { connect, connect_text: text } = job;
  if (!LIVE.includes(job.state)) return null;
  const unknown = job.mode !== "in_person" && !text && !connect;
  return html`
    ${unknown && html`<p>${t("connect-unknown")}</p>`}
    ${text && (!connect || connect.by === "requester") && html`<p>${text}</p>`}
    ${connect?.number && html`<${Fact} name=${t("connect-number")}><${Phone} number=${connect.number} /><//>`}
    <${Fact} name=${t("connect-extension")}>${connect?.extension && html`<bdi dir="ltr">${connect.extension}</bdi>`}<//>
    ${connect?.url &&
    html`<${Fact} name=${t("connect-link")}><a class="tap" href=${safe(connect.url)} rel="noreferrer"><bdi dir="ltr">${connect.url}</bdi></a><//>`}
    <${Fact} name=${t("connect-pin")}>${connect?.pin && html`<bdi dir="ltr">${connect.pin}</bdi>`}<//>`;
}

const safe = (url) => (/^https?:/i.test(url) ? url : undefined);

/** The phone's own map. Apple's does not know `geo:`. */
function map({ geo, contact }) {
  if (!/iP(hone|ad|od)/.test(navigator.userAgent)) return geo;
  return `maps://?q=${encodeURIComponent([contact.address, contact.city].filter(Boolean).join(", "))}`;
}

/** How it went so far. */
const Course = ({ job }) => html`
  <ul class="course">
    ${job.late && job.state === "confirmed" && html`<li>${t("late-told", { minutes: job.late })}</li>`}
    ${job.checked_in && html`<li>${t("checked-in", { time: job.checked_in })}</li>`}
    ${job.started && html`<li>${t("started", { time: job.started })}</li>`}
    ${job.ended && html`<li>${t("ended", { time: job.ended })}</li>`}
    ${job.approval && html`<li>${job.approval}</li>`}
  </ul>`;

/** Whether they know the people: asked by name alone, before they see where it is. */
function Conflict({ job }) {
  const path = `/v1/bookings/${job.id}`;
  const leave = { reason: t("why-conflict_of_interest"), reason_code: "conflict_of_interest" };
  if (pending(job.id)) return null;
  return html`
    <section class="ask">
      <h3>${t("conflict-title")}</h3>
      <p>${t("conflict-ask", { institution: job.asked_by })}</p>
      <div class="answers">
        <button class="yes" onClick=${() => say(job.id, "no-conflict", `${path}/no-conflict`)}>${t("conflict-no")}</button>
        <button onClick=${() => say(job.id, "give-back", `${path}/give-back`, leave)}>${t("conflict-yes")}</button>
      </div>
    </section>`;
}

/** What can be said of a job now: the next step large, what is different below it. */
function Verbs({ job }) {
  const [asking, ask] = useState(null);
  // `late` is sent instead when it goes out long after it was said: by the phone's clock, when.
  const send = (verb, body = {}, late = null) => {
    ask(null);
    say(job.id, verb, `/v1/bookings/${job.id}/${verb}`, body, late);
  };
  const close = () => ask(null);
  if (pending(job.id)) return null;
  if (asking) return html`<${Asking} what=${asking} send=${send} ask=${ask} close=${close} />`;
  return html`
    ${!job.asked_by && html`<${Step} job=${job} send=${send} ask=${ask} />`}
    <details class="more">
      <summary>${t("more")}</summary>
      <div class="answers">
        ${job.state === "confirmed" && html`<button onClick=${() => ask("late")}>${t("late")}</button>`}
        ${job.state !== "held" &&
        now() >= Date.parse(job.start_from) &&
        html`<button onClick=${() => ask("no-show")}>${t("no-show")}</button>`}
        <button onClick=${() => ask("give-back")}>${t("give-back")}</button>
      </div>
    </details>`;
}

function Step({ job, send, ask }) {
  if (job.state === "in_progress") {
    return html`<button class="yes wide" onClick=${() => ask("end")}>${t("end")}</button>`;
  }
  if (job.state === "held") return null;
  const step = (verb, text, from, told) =>
    now() >= Date.parse(from)
      ? html`<button class="yes wide" onClick=${() => send(verb, {}, { said_at: instant(now()) })}>${t(text)}</button>`
      : html`<p class="quiet"><b>${t(text)}</b>: ${t("possible-from", { time: told })}</p>`;
  return html`
    ${!job.checked_in && step("check-in", "check-in", job.check_in_from, job.check_in_from_text)}
    ${(job.checked_in || now() >= Date.parse(job.start_from)) &&
    step("start", "start", job.start_from, job.start_from_text)}`;
}

function Asking({ what, send, ask, close }) {
  const ways = {
    end: { title: t("ask-end"), answers: [[0, t("yes")], ["break", t("end-break")]] },
    break: { title: t("break-how"), answers: LATE.map((one) => [one, String(one)]) },
    "no-show": { title: t("no-show-ask"), answers: [["client-no-show", t("yes")]] },
    late: { title: t("late-how"), answers: LATE.map((one) => [one, String(one)]) },
    "give-back": {
      title: t("give-back-why"),
      hint: t("give-back-hint"),
      answers: WHY.map((one) => [one, t(`why-${one}`)]),
    },
  };
  const said = (value) => {
    const said_at = instant(now());
    // The end counts from when it was said; where that cannot be, only the clocks are kept.
    if (value === "break") ask("break");
    else if (what === "end" || what === "break") {
      const body = value > 0 ? { break_minutes: value } : {};
      send("end", body, [{ ...body, ended_at: said_at, said_at }, { ...body, said_at }]);
    }
    else if (what === "late") send("running-late", { minutes: value }, { minutes: value, said_at });
    else if (what === "give-back") send("give-back", { reason: t(`why-${value}`), reason_code: value });
    else send(value);
  };
  return html`<${Ask} ...${ways[what]} onAnswer=${said} onClose=${close} />`;
}
