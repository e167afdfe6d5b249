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
}

function showPage(moveFocus) {
  const sections = [...dashboard().querySelectorAll("main > section")];
  const wanted = decodeURIComponent(location.hash.slice(1));
  const shown = sections.find((section) => section.id === wanted) || sections[0];
  for (const section of sections) section.hidden = section !== shown;
  for (const link of dashboard().querySelectorAll("nav a")) {
    const here = link.hash === `#${shown.id}`;
    if (here) {
      link.setAttribute("aria-current", "page");
      link.parentElement.scrollLeft = link.offsetLeft - 24;
    } else link.removeAttribute("aria-current");
  }
  if (moveFocus) {
    window.scrollTo(0, 0);
    shown.focus({ preventScroll: true });
  }
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

function writeAnswer(section, answer) {
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
    span.textContent = words[language].explore_sentence
      .replace("{channel}", chosen("channel", language))
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
  section.querySelector(".state").replaceChildren(...["ja", "en"].map((language) => {
    const span = document.createElement("span");
    span.lang = language;
    span.textContent = words[language][word];
    return span;
  }));
}

async function explore() {
  const section = document.getElementById("explore");
  const form = section && section.querySelector("form");
  // without the line the kernel would be taken for abandoned and shut down
  const line = kernelLine(
    (answer) => section && (answer.error ? sayInstead(section, "lost") : writeAnswer(section, answer)),
    () => section && sayInstead(section, "lost"),
  );
  await line.opened;
  if (!section) return;
  const ask = () => line.ask({
    channel: Number(form.elements.channel.value),
    order: Number(form.elements.order.value),
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ask);
  sayInstead(section, "waiting");
  ask();
}

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("skeleton").remove();
  const root = dashboard();
  if (!root) return;
  root.classList.add("scripted");
  showLanguage(root.dataset.language);
  for (const button of root.querySelectorAll("button[data-language]")) {
    button.addEventListener("click", () => showLanguage(button.dataset.language));
  }
  window.addEventListener("hashchange", () => showPage(true));
  showPage(false);
  explore();
});
