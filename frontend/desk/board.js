// The board, live: rows that change are read again and put in their place, the open request too.
// Without this script the page is a table with a link to read it again.
import htmx from "htmx.org";

const AGAIN = 1000; // milliseconds before a line that was refused is tried again; then longer
const LONGEST = 30_000;
const TOGETHER = 400; // what changes within it is read at once
const ALL = 30_000; // times pass, and not everything is an event: now and then all is read
const TOLD = 8000; // for so long it stays said what somebody has just done
const NARROW = matchMedia("(max-width: 40rem)"); // as in board.css
const DOWN = 3000; // a line that breaks and is back by then is no trouble

const board = document.querySelector("[data-board]");
if (board) live(board);
else document.addEventListener("htmx:afterSwap", ownPage);

// On a request's own page what became of a form stands on top: reading goes on there.
function ownPage(event) {
  if (event.detail.target.id === "panel") document.getElementById("panel-title")?.focus();
}

function live(board) {
  const body = board.querySelector("#rows");
  const panel = board.querySelector("#panel");
  const stale = board.querySelector("[data-stale]");
  const silence = Number(board.dataset.staleAfter) * 1000;
  const changed = new Set();
  let source, heard = performance.now(), down = 0, last = "", wait = AGAIN, timer = 0, read = 0;
  let acted = 0; // when a form in the open request was sent
  board.querySelector("[data-keys]").hidden = false;
  board.querySelector("[data-refresh]").hidden = true;
  connect();
  setInterval(look, 1000);
  keys(board, body, panel);
  panel.addEventListener("submit", () => (acted = performance.now()));
  document.addEventListener("click", alone, true);

  function connect() {
    source = new EventSource(`/board/stream${last ? `?after=${encodeURIComponent(last)}` : ""}`);
    source.onopen = () => {
      alive();
      wait = AGAIN;
      rows(); // what happened before the line stood
    };
    source.onerror = () => {
      down ||= performance.now();
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again itself
      setTimeout(connect, wait);
      wait = Math.min(2 * wait, LONGEST);
    };
    source.addEventListener("ping", alive);
    for (const type of board.dataset.types.split(" ")) source.addEventListener(type, happened);
  }

  function alive() {
    heard = performance.now();
    down = 0;
  }

  function happened(event) {
    alive();
    last = event.lastEventId || last;
    const id = JSON.parse(event.data).data.ids.request_id;
    if (!id) return;
    changed.add(id);
    timer ||= setTimeout(() => {
      timer = 0;
      rows([...changed]);
      if (changed.has(open())) again();
      changed.clear();
    }, TOGETHER);
  }

  // Once a second: is the line alive, and is it time to read everything?
  function look() {
    const now = performance.now();
    stale.hidden = now - heard < silence && (!down || now - down < DOWN);
    if (now - heard > silence && source.readyState === EventSource.OPEN) {
      source.close(); // it looks open and says nothing
      heard = now;
      down ||= now;
      connect();
    }
    if (now - read > ALL && stale.hidden && !document.hidden) rows();
  }

  // Read all rows, or those named, and put them where they belong.
  async function rows(ids) {
    const all = !ids;
    if (all) read = performance.now();
    const asked = new URLSearchParams(board.dataset.query);
    for (const id of ids ?? []) asked.append("id", id);
    const told = await page(`/board/rows?${asked}`);
    if (!told) return;
    const fresh = new Map([...told.querySelectorAll("tr[id]")].map((row) => [row.id, row]));
    const gone = all ? [...body.rows] : ids.map((id) => document.getElementById(`row-${id}`));
    let count = 0;
    for (const row of gone) if (row && !fresh.has(row.id)) (row.remove(), count++);
    for (const row of fresh.values()) count += put(row);
    if (all) waiting(told);
    board.querySelector("[data-none]").hidden = body.rows.length > 0;
    // Of many only that they changed: nobody wants all of them read out.
    if (count && !all) say(told.querySelector("[data-said]").textContent);
  }

  // Put one row in its place; tell whether anything in it is other than a passing time.
  function put(row) {
    const old = document.getElementById(row.id);
    const focused = old?.contains(document.activeElement);
    const other = old?.dataset.version !== row.dataset.version;
    const same = old && !other && old.dataset.order === row.dataset.order;
    if (same && old.textContent === row.textContent) return 0;
    const next = [...body.rows].find((one) => one !== old && one.dataset.order > row.dataset.order);
    old?.remove();
    body.insertBefore(row, next ?? null);
    htmx.process(row);
    if (focused) row.querySelector("a").focus();
    if (other && old) mark(row);
    return other ? 1 : 0;
  }

  function waiting(told) {
    const fresh = told.querySelector("#waiting");
    const old = board.querySelector("#waiting");
    if (!fresh || fresh.textContent === old.textContent) return;
    if (old.contains(document.activeElement)) return; // not from under somebody's hands
    old.replaceWith(fresh);
    htmx.process(fresh);
    if (!fresh.hidden) say(fresh.querySelector("h2").textContent);
  }

  function open() {
    return panel.querySelector("[data-request]")?.dataset.request;
  }

  // Read the open request again, unless somebody is at work in it: then say that it is old.
  function again() {
    const working = panel.querySelector("details[open] form") || typing(panel);
    const hint = panel.querySelector("[data-outdated]");
    // What was done here is told by the line, too: that it was done stays said.
    const done = performance.now() - acted < TOLD && panel.querySelector("[data-done]");
    const address = `/board/requests/${open()}${done ? `?done=${done.dataset.done}` : ""}`;
    if (working) hint.hidden = false;
    else htmx.ajax("GET", address, { target: "#panel", swap: "innerHTML" });
  }
}

// Where nothing fits beside the table, a request is a page of its own, and "back" leads here again.
function alone(event) {
  if (NARROW.matches && event.target.closest?.("#rows a, #waiting a")) event.stopPropagation();
}

function typing(panel) {
  const at = document.activeElement;
  return panel.contains(at) && at.matches("input, select, textarea, button");
}

async function page(address) {
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return null;
    const told = document.createElement("template");
    told.innerHTML = await answer.text();
    return told.content;
  } catch {
    return null; // the line tells that the server is away
  }
}

let saying = 0;

function say(text) {
  const said = document.getElementById("said");
  said.textContent = text;
  clearTimeout(saying);
  saying = setTimeout(() => (said.textContent = ""), TOLD); // it lies over the table
}

function mark(row) {
  row.classList.add("fresh");
  setTimeout(() => row.classList.remove("fresh"), 4000);
}

// In the table j and k move and Enter opens, as a link does; Escape closes the request.
function keys(board, body, panel) {
  let from;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest?.("#rows tr");
    if (row && (event.key === "j" || event.key === "k")) {
      const next = event.key === "j" ? row.nextElementSibling : row.previousElementSibling;
      next?.querySelector("a").focus();
      event.preventDefault();
    }
    if (event.key === "Escape" && panel.firstElementChild) {
      panel.replaceChildren();
      (document.getElementById(from)?.querySelector("a") ?? body.querySelector("a"))?.focus();
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) return;
    const asked = event.detail.requestConfig.triggeringEvent?.target;
    const id = panel.querySelector("[data-request]")?.dataset.request;
    for (const one of body.rows) one.classList.toggle("chosen", one.id === `row-${id}`);
    if (!asked || asked === document.body) return; // it came by itself: the focus stays
    from = `row-${id}`;
    panel.querySelector("#panel-title")?.focus();
  });
}
