// The desk, the board and the pages of finance: htmx, told to bring nothing inline and to
// evaluate nothing, as the Content-Security-Policy asks.
import htmx from "htmx.org";
import "./desk.css";
import "./board.css";
import "./board.js";
import "./cards.js";
import "./combobox.js";
import "./digits.js";
import "./forms.js";

window.htmx = htmx;
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // pages name people: nothing of them stays in the browser
// A refused form comes back with what is wrong in it.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4..", swap: true, error: false },
  { code: "...", swap: false, error: true },
];
