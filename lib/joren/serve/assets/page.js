"use strict";
// The page works without this script: it stacks all pages in the client's language.

const dashboard = () => document.getElementById("dashboard");

function showLanguage(language) {
  const root = dashboard();
  root.dataset.language = language;
  document.documentElement.lang = language;
  for (const button of root.querySelectorAll("button[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  for (const option of root.querySelectorAll("option")) {
    option.textContent = option.dataset[language];
  }
  document.title = root.querySelector("h1").innerText.trim();
  for (const section of root.querySelectorAll(".live")) drawPicture(section);
  const shown = root.querySelector("main > section:not([hidden])");
  if (shown) fetchCharts(shown);
}

function showPage(moveFocus) {
  const sections = [...dashboard().querySelectorAll("main > section")];
  const wanted = location.hash.slice(1);
  const shown = sections.find((section) => section.id === wanted) || sections[0];
  for (const section of sections) section.hidden = section !== shown;
  for (const link of dashboard().querySelectorAll("nav a")) {
    const here = link.hash === `#${shown.id}`;
    if (here) {
      link.setAttribute("aria-current", "page");
      link.parentElement.scrollLeft = link.offsetLeft - 24;
    } else link.removeAttribute("aria-current");
  }
  fetchCharts(shown);
  // a chart is drawn to the width its page has, which a hidden page has not
  for (const section of shown.querySelectorAll(".live")) drawPicture(section);
  if (moveFocus) {
    window.scrollTo(0, 0);
    shown.focus({ preventScroll: true });
  }
}

// a page's charts are fetched when it is shown, in the language shown; print needs all of them
function fetchCharts(place) {
  for (const image of place.querySelectorAll("img[loading]")) {
    const lang = image.lang || dashboard().dataset.language;
    if (lang === dashboard().dataset.language) image.loading = "eager";
  }
}

// the other pages' charts come in the quiet after that: a page stays whole without its server
function fetchTheRest() {
  const quiet = window.requestIdleCallback || ((task) => setTimeout(task, 500));
  const sections = [...dashboard().querySelectorAll("main > section")];
  const next = () => {
    const section = sections.shift();
    if (!section) return;
    fetchCharts(section);
    quiet(next);
  };
  if (!navigator.connection?.saveData) setTimeout(() => quiet(next), 1500);
}

function kernelLine(onAnswer, onLost) {
  const channels = document.getElementById("kernel").dataset.channels;
  const session = crypto.randomUUID();
  const comm = crypto.randomUUID();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}${channels}?session_id=${session}`);
  const send = (kind, content) =>
    socket.send(JSON.stringify({
      channel: "shell",
      header: {
        msg_id: crypto.randomUUID(), msg_type: kind, session, username: "viewer",
        version: "5.3", date: new Date().toISOString(),
      },
      parent_header: {}, metadata: {}, content: { comm_id: comm, ...content },
    }));
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.header.msg_type === "comm_msg" && message.content.comm_id === comm) {
      onAnswer(message.content.data);
    }
  });
  socket.addEventListener("close", onLost);
  return {
    opened: new Promise((resolve) => socket.addEventListener("open", () => {
      send("comm_open", { target_name: "joren.explore", data: {} });
      resolve();
    })),
    ask: (question) => send("comm_msg", { data: question }),
  };
}

// pictures with filters: the answer each shows, until another one comes
const shownAnswers = new Map();

function drawPicture(section) {
  const place = section.querySelector(".chart"), answer = shownAnswers.get(section);
  if (!place || !answer || !place.clientWidth) return;
  const language = dashboard().dataset.language;
  place.setAttribute("aria-label", answer.state[language]);
  const touchpoint = section.querySelector("select[name=touchpoint]");
  const pick = touchpoint && !touchpoint.disabled && ((node) => {
    touchpoint.value = String(touchpoint.value === String(node.place) ? 0 : node.place);
    touchpoint.dispatchEvent(new Event("change", { bubbles: true }));
  });
  if (pick) place.setAttribute("role", "group");
  CHARTS.draw(place, answer.chart, language, JSON.parse(section.dataset.words), pick);
}

function inBoth(make) {
  return ["ja", "en"].map((language) => {
    const span = document.createElement("span");
    span.lang = language;
    span.textContent = make(language);
    return span;
  });
}

function writePicture(section, answer) {
  shownAnswers.set(section, answer);
  section.removeAttribute("aria-busy");
  section.querySelector(".state").replaceChildren(...inBoth((language) => answer.state[language]));
  section.querySelector("tbody").replaceChildren(...answer.rows.ja.map((row, place) => {
    const line = document.createElement("tr");
    row.forEach((_, column) => {
      const cell = line.insertCell();
      if (!answer.words[column]) cell.className = "number";
      cell.append(...inBoth((language) => answer.rows[language][place][column]));
    });
    return line;
  }));
  drawPicture(section);
}

function askOf(section) {
  const question = section.dataset.view ? { view: section.dataset.view } : {};
  for (const field of section.querySelectorAll("select")) question[field.name] = Number(field.value);
  return question;
}

function writeAnswer(section, answer) {
  section.removeAttribute("aria-busy");
  const words = JSON.parse(section.dataset.words);
  const state = section.querySelector(".state");
  const body = section.querySelector("tbody");
  state.replaceChildren();
  const form = section.querySelector("form");
  const chosen = (name, language) => form.elements[name].selectedOptions[0].dataset[language];
  const order = (language) =>
    language === "en" ? chosen("order", "en").toLowerCase().replace("ltv", "LTV") : chosen("order", "ja");
  for (const language of ["ja", "en"]) {
    const span = document.createElement("span");
    span.lang = language;
    const segment = form.elements.segment && form.elements.segment.value !== "0"
      ? `${language === "ja" ? "・" : ", "}${chosen("segment", language)}` : "";
    span.textContent = words[language].explore_sentence
      .replace("{channel}", () => chosen("channel", language) + segment)
      .replace("{count}", answer.count[language])
      .replace("{past}", answer.past[language])
      .replace("{order}", order(language));
    state.append(span);
  }
  body.replaceChildren(...answer.rows.ja.map((row, place) => {
    const line = document.createElement("tr");
    row.forEach((_, column) => {
      const cell = line.insertCell();
      if (column > 0) cell.className = "number";
      for (const language of ["ja", "en"]) {
        const span = document.createElement("span");
        span.lang = language;
        span.textContent = answer.rows[language][place][column];
        cell.append(span);
      }
    });
    return line;
  }));
}

function sayInstead(section, word) {
  const words = JSON.parse(section.dataset.words);
  section.removeAttribute("aria-busy");
  section.querySelector(".state").replaceChildren(...inBoth((language) => words[language][word]));
}

async function answers() {
  const section = document.getElementById("explore");
  const pictures = [...dashboard().querySelectorAll(".live")];
  const asking = [];
  const all = [section, ...pictures].filter(Boolean);
  // without the line the kernel would be taken for abandoned and shut down
  const line = kernelLine(
    (answer) => {
      const asked = asking.shift();
      if (!asked) return;
      if (answer.error) sayInstead(asked, "lost");
      else if (asked === section) writeAnswer(asked, answer);
      else writePicture(asked, answer);
    },
    () => all.forEach((asked) => {
      sayInstead(asked, "lost");
      for (const field of asked.querySelectorAll("select")) field.disabled = true;
    }),
  );
  await line.opened;
  const ask = (asked, question) => {
    asking.push(asked);
    asked.setAttribute("aria-busy", "true");
    line.ask(question);
  };
  for (const asked of all) {
    const form = asked.querySelector("form");
    if (!form) continue;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => ask(asked, askOf(asked)));
  }
  if (!section) return;
  sayInstead(section, "waiting");
  ask(section, askOf(section));
}

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("skeleton")?.remove();
  const root = dashboard();
  if (!root) return;
  root.classList.add("scripted");
  for (const section of root.querySelectorAll(".live")) {
    const first = JSON.parse(section.dataset.first);
    if (first.chart) shownAnswers.set(section, first);
  }
  showLanguage(root.dataset.language);
  for (const button of root.querySelectorAll("button[data-language]")) {
    button.addEventListener("click", () => showLanguage(button.dataset.language));
  }
  window.addEventListener("hashchange", () => showPage(true));
  let width = innerWidth;
  window.addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    root.querySelectorAll(".live").forEach(drawPicture);
  });
  showPage(false);
  // a chart's labels are measured in the typeface, which may still be on its way
  document.fonts.ready.then(() => root.querySelectorAll(".live").forEach(drawPicture));
  if (document.getElementById("kernel")) {
    answers();
    window.addEventListener("load", fetchTheRest);
  }
});
