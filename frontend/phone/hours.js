// When somebody works: now, every week, and when they are away.
import { useState } from "preact/hooks";
import { Heading } from "./parts.js";
import { call, instant, look, now, view } from "./store.js";
import { html, t } from "./told.js";

const HOUR = 3600_000;
const FOR = [["minutes-30", 0.5], ["hours-1", 1], ["hours-2", 2], ["hours-4", 4], ["hours-8", 8], ["hours-24", 24]];
const QUARTERS = Array.from({ length: 97 }, (_, one) =>
  `${String(Math.floor(one / 4)).padStart(2, "0")}:${String((one % 4) * 15).padStart(2, "0")}`);

const own = (rest) => `/v1/interpreters/${view.state.me.id}/${rest}`;

export function Hours({ moved }) {
  // What saving came to stays when the week is shown anew, as it then is.
  const [told, tell] = useState({});
  return html`
    <${Heading} moved=${moved}>${t("hours")}<//>
    <${Now} />
    <${Week} key=${view.state.hours.version} told=${told} tell=${tell} />
    <${Away} />`;
}

/** What a form came to. */
const Said = ({ text, bad }) => html`<p role="status" class=${text ? `note ${bad ? "bad" : "good"}` : ""}>${text}</p>`;

function Now() {
  const { until, until_text: text } = view.state.hours;
  const [failed, fail] = useState("");
  const set = async (hours) => {
    const at = hours === null ? null : instant(now() + hours * HOUR);
    const answer = await call("PUT", own("availability/now"), { until: at });
    fail(answer.failed ?? "");
    await look();
  };
  const on = until && Date.parse(until) > now();
  return html`
    <section aria-labelledby="now">
      <h2 id="now">${t("now-title")}</h2>
      <p class="quiet">${t("now-hint")}</p>
      ${on
        ? html`<p class="note good" role="status">${t("now-until", { time: text })}</p>
            <button class="wide" onClick=${() => set(null)}>${t("now-off")}</button>`
        : html`<div class="answers">
            ${FOR.map(([name, hours]) => html`<button onClick=${() => set(hours)}>${t(name)}</button>`)}
          </div>`}
      <${Said} text=${failed} bad />
    </section>`;
}

function Week({ told, tell }) {
  const { hours } = view.state;
  const [rows, setRows] = useState(hours.weekly);
  const [outside, setOutside] = useState(hours.outside_hours);
  const put = (row, values) => setRows(rows.map((one) => (one === row ? { ...one, ...values } : one)));
  const save = async (event) => {
    event.preventDefault();
    if (rows.some((one) => one.to <= one.from)) return tell({ text: t("wrong-times"), bad: true });
    const body = { weekly: rows, outside_hours: outside };
    const answer = await call("PUT", own("availability"), body, { "If-Match": `"${hours.version}"` });
    tell({ text: answer.failed ?? t("saved"), bad: Boolean(answer.failed) });
    if (!answer.failed) await look();
  };
  return html`
    <form aria-labelledby="week" onSubmit=${save}>
      <h2 id="week">${t("week")}</h2>
      <p class="quiet">${t("week-hint")}</p>
      ${hours.days.map(([day, name]) => {
        const here = rows.filter((one) => one.day === day);
        return html`<fieldset key=${day}>
          <legend>${name}</legend>
          ${here.map((row) => html`<${Range} row=${row} put=${put} drop=${() => setRows(rows.filter((one) => one !== row))} />`)}
          <button type="button" class="plain" onClick=${() => setRows([...rows, { day, from: "09:00", to: "17:00" }])}>
            + ${t("add-hours")}<span class="hidden"> ${name}</span>
          </button>
        </fieldset>`;
      })}
      <label class="field">${t("outside")}
        <select value=${outside} onChange=${(event) => setOutside(event.target.value)}>
          <option value="ask">${t("outside-ask")}</option>
          <option value="never">${t("outside-never")}</option>
        </select>
      </label>
      <${Said} ...${told} />
      <button class="yes wide">${t("save")}</button>
    </form>`;
}

const Range = ({ row, put, drop }) => html`
  <div class="range">
    <${Quarter} name="from" value=${row.from} times=${QUARTERS.slice(0, -1)} on=${(from) => put(row, { from })} />
    <${Quarter} name="to" value=${row.to} times=${QUARTERS.slice(1)} on=${(to) => put(row, { to })} />
    <button type="button" class="plain" onClick=${drop}>${t("remove")}</button>
  </div>`;

const Quarter = ({ name, value, times, on }) => html`
  <label>${t(name)}
    <select dir="ltr" value=${value} onChange=${(event) => on(event.target.value)}>
      ${times.map((one) => html`<option value=${one} selected=${one === value}>${one}</option>`)}
    </select>
  </label>`;

function Away() {
  const { absences, time_zone: zone } = view.state.hours;
  const [told, tell] = useState({});
  const add = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const [first, last] = [form.get("first"), form.get("last") || form.get("first")];
    if (!first || last < first) return tell({ text: t("wrong-times"), bad: true });
    const body = { starts_at: midnight(first, 0, zone), ends_at: midnight(last, 1, zone) };
    const answer = await call("POST", own("absences"), body);
    tell({ text: answer.failed ?? t("saved"), bad: Boolean(answer.failed) });
    if (!answer.failed) {
      event.target.reset();
      await look();
    }
  };
  const drop = async (one) => {
    const answer = await call("DELETE", own(`absences/${one.id}`));
    tell({ text: answer.failed ?? t("saved"), bad: Boolean(answer.failed) });
    await look();
  };
  return html`
    <form aria-labelledby="away" onSubmit=${add}>
      <h2 id="away">${t("away")}</h2>
      <p class="quiet">${t("away-hint")}</p>
      <ul class="rows">
        ${absences.map((one) => html`<li key=${one.id} class="row">
          <span>${one.days.map((day, place) => html`${place > 0 && " – "}<bdi>${day}</bdi>`)}</span>
          ${one.own
            ? html`<button type="button" class="plain" onClick=${() => drop(one)}>${t("remove")}</button>`
            : html`<small>${t("away-calendar")}</small>`}
        </li>`)}
      </ul>
      <label class="field">${t("away-first")}<input type="date" name="first" required /></label>
      <label class="field">${t("away-last")}<input type="date" name="last" /></label>
      <${Said} ...${told} />
      <button class="wide">${t("away-add")}</button>
    </form>`;
}

/** The first instant of a day, or of the one after it, where the interpreter lives. */
function midnight(day, more, zone) {
  const [year, month, date] = day.split("-").map(Number);
  const wanted = Date.UTC(year, month - 1, date + more);
  // The zone's offset is looked up twice: it may be another one than at the first guess.
  const guess = wanted - offset(wanted, zone);
  return instant(wanted - offset(guess, zone));
}

function offset(at, zone) {
  const told = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(at);
  const part = Object.fromEntries(told.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - at;
}
