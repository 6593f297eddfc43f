// The first page of the console: signs in with supabase-js and shows what three addresses of the API say. No framework, no
// other host than this one and the Supabase project. Everything shown is set as text, never as markup.

const $ = (id) => document.getElementById(id);

/** An answer that is not what was hoped for, with a sentence that can be shown. */
class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

let supabase;
let channels = [];
let videos = [];
let next = null;
// Answers that come after another question was asked are thrown away.
let asked = 0;

// ---------------------------------------------------------------------------------------------------------- the session

// Says that there is a session, so that the front page leads here (vercel.json). It holds no token.
const MARK = "sb-dashboard-auth-token";

function mark(present) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const value = present ? "1; Max-Age=2592000" : "; Max-Age=0";
  document.cookie = `${MARK}=${value}; Path=/; SameSite=Lax${secure}`;
}

async function start() {
  show("loading");
  watchHealth();
  let config;
  try {
    config = await answer(fetch("/api/config"));
    if (!window.supabase) throw new Refused(0, "The sign-in library did not load. If this is your deployment: scripts/pages puts it in place.");
  } catch (problem) {
    $("broken-reason").textContent = problem.message;
    return show("broken");
  }
  supabase = window.supabase.createClient(config.supabase_url, config.supabase_publishable_key);
  supabase.auth.onAuthStateChange((event, session) => {
    // supabase-js holds a lock while this runs: whatever asks for the session again has to wait until it is over.
    if (event !== "TOKEN_REFRESHED") setTimeout(() => enter(session), 0);
  });
}

let entered;

function enter(session) {
  mark(Boolean(session));
  const person = session?.user?.id ?? null;
  if (person === entered) return;
  entered = person;
  $("who").hidden = !person;
  $("email").textContent = session?.user?.email ?? "";
  channels = [];
  videos = [];
  if (person) {
    show("content");
    loadChannels();
  } else {
    show("entrance");
  }
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const [email, password] = [form.email.value.trim(), form.password.value];
  const missing = !email ? [form.email, "Your e-mail address is missing."] : password.length < 6 ? [form.password, "A password has at least six characters."] : null;
  if (missing) {
    tell("sign-in-problem", missing[1]);
    return missing[0].focus();
  }
  tell("sign-in-problem", "");
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((button) => (button.disabled = true));
  const up = event.submitter?.value === "up";
  const { data, error } = up
    ? await supabase.auth.signUp({ email, password })
    : await supabase.auth.signInWithPassword({ email, password });
  buttons.forEach((button) => (button.disabled = false));
  if (error) return tell("sign-in-problem", words(error));
  if (!data.session) return tell("sign-in-problem", "Nearly there: open the link in the mail we sent you, then sign in.");
  form.reset();
  $("main").focus();
});

function words(error) {
  switch (error.code) {
    case "invalid_credentials":
      return "E-mail or password is wrong.";
    case "email_not_confirmed":
      return "Open the link in the mail we sent you first.";
    case "user_already_exists":
      return "There is an account with this address. Sign in instead.";
    case "over_request_rate_limit":
      return "Too many tries. Wait a minute.";
    default:
      return error.message && error.name !== "AuthRetryableFetchError" ? error.message : "The sign-in service does not answer. Try again in a moment.";
  }
}

$("sign-out").addEventListener("click", async () => {
  // Also when the service cannot be reached: this browser forgets the session.
  await supabase.auth.signOut({ scope: "local" });
  enter(null);
  $("main").focus();
});
$("broken-again").addEventListener("click", start);

// ------------------------------------------------------------------------------------------------------------ the answers

async function answer(response) {
  let reply;
  try {
    reply = await response;
  } catch {
    throw new Refused(0, "The service cannot be reached. Are you online?");
  }
  const body = await reply.json().catch(() => null);
  if (reply.ok && body) return body;
  throw new Refused(reply.status, body?.detail ?? body?.title ?? `The service answered with ${reply.status}.`);
}

async function ask(path, options = {}) {
  const { data } = await supabase.auth.getSession();
  const token = data.session?.access_token;
  if (!token) {
    enter(null);
    throw new Refused(401, "Your session has ended. Sign in again.");
  }
  try {
    return await answer(fetch(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } }));
  } catch (problem) {
    if (problem.status === 401) {
      await supabase.auth.signOut({ scope: "local" });
      enter(null);
      tell("sign-in-problem", "Your session has ended. Sign in again.");
    }
    throw problem;
  }
}

async function loadChannels() {
  const mine = ++asked;
  $("videos").hidden = true;
  $("attention").hidden = true;
  $("choice").hidden = true;
  $("channel-title").textContent = "Your channels";
  wait("channels-state", "Looking for your channels…");
  try {
    const page = await ask("/api/channels?limit=100");
    if (mine !== asked) return;
    channels = page.items;
  } catch (problem) {
    if (mine === asked) fail("channels-state", problem, loadChannels);
    return;
  }
  if (channels.length === 0) return invite();
  $("channels-state").replaceChildren();
  $("channel").replaceChildren(...channels.map((channel) => element("option", { value: channel.id }, channel.title)));
  $("choice").hidden = channels.length < 2;
  showChannel();
}

function invite() {
  const connect = element("button", { type: "button", class: "main" }, "Connect a YouTube channel");
  const problem = element("p", { class: "notice", role: "alert", hidden: "" });
  connect.addEventListener("click", async () => {
    connect.disabled = true;
    problem.hidden = true;
    try {
      const started = await ask("/api/channels/connect", {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
        body: "{}",
      });
      location.assign(started.authorization_url);
    } catch (refused) {
      connect.disabled = false;
      problem.textContent = refused.message;
      problem.hidden = false;
    }
  });
  $("channels-state").replaceChildren(
    element("p", { class: "lead" }, "No channel is connected yet. Google will ask you what this service may do; you can end it at any time."),
    problem,
    element("p", {}, connect),
  );
}

$("channel").addEventListener("change", showChannel);

function showChannel() {
  const channel = channels.find((each) => each.id === $("channel").value) ?? channels[0];
  $("channel-title").textContent = channel.title;
  const attention = channel.attention ?? [];
  $("attention").replaceChildren(...attention.map((each) => element("li", {}, each.message)));
  $("attention").hidden = attention.length === 0;
  $("videos").hidden = false;
  videos = [];
  next = null;
  loadVideos(channel);
}

async function loadVideos(channel) {
  const mine = ++asked;
  if (videos.length === 0) for (const id of ["chart", "table", "chart-note"]) $(id).hidden = true;
  $("more").disabled = true;
  wait("videos-state", "Fetching videos…");
  try {
    const cursor = next ? `&cursor=${encodeURIComponent(next)}` : "";
    const page = await ask(`/api/videos?channel_id=${channel.id}&limit=100${cursor}`);
    if (mine !== asked) return;
    videos.push(...page.items);
    next = page.next_cursor;
  } catch (problem) {
    if (mine === asked) fail("videos-state", problem, () => loadVideos(channel));
    return;
  }
  $("videos-state").replaceChildren();
  $("more").hidden = !next;
  $("more").disabled = false;
  $("more").onclick = () => loadVideos(channel);
  showVideos(channel);
}

function showVideos(channel) {
  if (videos.length === 0) {
    const busy = ["queued", "running", "waiting"].includes(channel.sync?.state);
    return say("videos-state", busy ? "The videos are being fetched from YouTube. Come back in a few minutes." : "This channel has no videos yet.");
  }
  const measured = videos.filter((video) => video.score?.multiplier != null && video.published_at);
  if (!videos.some((video) => video.scores_shown)) {
    say("videos-state", "Scores are hidden until whoever runs this service has recorded that YouTube accepted its use of derived metrics.");
  } else if (measured.length === 0) {
    say("videos-state", "No video has a score yet: that takes a few videos of the same kind that are a month old.");
  }
  $("chart").hidden = measured.length === 0;
  if (measured.length > 0) draw(measured);
  const left = videos.length - measured.length;
  $("chart-note").textContent = [
    measured.length > 0 && left > 0 ? `${left} of ${videos.length} videos have no multiplier yet and are only in the table.` : "",
    measured[0]?.score.notice ? `${measured[0].score.notice}.` : "",
  ].join(" ").trim();
  $("chart-note").hidden = !$("chart-note").textContent;
  $("rows").replaceChildren(...videos.map(row));
  $("table").hidden = false;
}

// -------------------------------------------------------------------------------------------------------------- the chart

const WORDS = {
  outlier: "Far above usual",
  above: "Above usual",
  typical: "Usual",
  below: "Below usual",
  provisional: "A first hint",
  too_recent: "Too recent",
  insufficient_data: "Not enough to compare",
};

// A form for each word, so that none of it depends on colour.
const FORMS = {
  outlier: (x, y) => star(x, y, 8.5),
  above: (x, y) => `M${x} ${y - 6.5}L${x + 6.5} ${y + 5}H${x - 6.5}Z`,
  typical: (x, y) => `M${x - 5} ${y}a5 5 0 1 0 10 0a5 5 0 1 0-10 0`,
  below: (x, y) => `M${x} ${y + 6.5}L${x + 6.5} ${y - 5}H${x - 6.5}Z`,
  provisional: (x, y) => `M${x - 5} ${y - 5}h10v10h-10Z`,
};

function star(x, y, size) {
  const points = Array.from({ length: 10 }, (_, at) => {
    const turn = (Math.PI * at) / 5;
    const reach = at % 2 ? size * 0.45 : size;
    return `${(x + reach * Math.sin(turn)).toFixed(1)} ${(y - reach * Math.cos(turn)).toFixed(1)}`;
  });
  return `M${points.join("L")}Z`;
}

const form = (label) => (FORMS[label] ? label : "typical");

function times(value) {
  if (value >= 10) return `${Math.round(value)}×`;
  return `${value >= 1 ? value.toFixed(1) : value.toFixed(2)}×`;
}

function draw(measured) {
  // As many units as there are pixels, so that words keep their size on a small screen.
  const width = Math.round(Math.max(300, Math.min(900, $("videos").clientWidth)));
  const [height, left, right, top, bottom] = [width < 600 ? 300 : 360, 52, 20, 14, 34];
  const logs = measured.map((video) => Math.log2(Math.max(video.score.multiplier, 1 / 64)));
  const low = Math.min(-1, Math.floor(Math.min(...logs)));
  const high = Math.max(1, Math.ceil(Math.max(...logs)));
  const moments = measured.map((video) => Date.parse(video.published_at));
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const across = (moment) => left + 10 + ((width - left - right - 20) * (moment - first)) / Math.max(last - first, 1);
  const up = (log) => top + ((height - top - bottom) * (high - log)) / (high - low);

  const parts = [];
  for (let log = low; log <= high; log += high - low > 8 ? 2 : 1) {
    parts.push(svg("line", { class: log === 0 ? "usual" : "grid", x1: left, x2: width - right, y1: up(log), y2: up(log) }));
    parts.push(svg("text", { class: "axis", x: left - 8, y: up(log) + 4, "text-anchor": "end" }, log < 0 ? `1/${2 ** -log}×` : `${2 ** log}×`));
  }
  const dates = width < 600 ? [[0, "start"], [1, "end"]] : [[0, "start"], [0.5, "middle"], [1, "end"]];
  for (const [share, anchor] of last > first ? dates : [[0, "start"]]) {
    const moment = first + (last - first) * share;
    parts.push(svg("text", { class: "axis", x: across(moment), y: height - 10, "text-anchor": anchor }, day(moment)));
  }
  measured.forEach((video, at) => {
    const label = form(video.score.label);
    const shape = svg("path", { class: `mark ${label}`, d: FORMS[label](across(moments[at]), up(logs[at])) });
    shape.append(svg("title", {}, `${video.title}: ${times(video.score.multiplier)}, ${WORDS[video.score.label].toLowerCase()}, ${day(moments[at])}`));
    parts.push(shape);
  });
  // The strongest three by name, where they do not cover each other.
  const taken = [];
  const ranked = measured.map((_, at) => at).sort((a, b) => logs[b] - logs[a]);
  for (const at of ranked.slice(0, 3)) {
    const [x, y] = [across(moments[at]), up(logs[at])];
    if (logs[at] <= 0 || taken.some((other) => Math.abs(other.y - y) < 18 && Math.abs(other.x - x) < 280)) continue;
    taken.push({ x, y });
    const start = x < width / 2;
    const room = width < 600 ? 16 : 34;
    const title = measured[at].title.length > room ? `${measured[at].title.slice(0, room - 1)}…` : measured[at].title;
    parts.push(svg("text", { class: "named", x: x + (start ? 12 : -12), y: y + 4, "text-anchor": start ? "start" : "end" }, `${title} · ${times(measured[at].score.multiplier)}`));
  }

  const better = measured.filter((video) => video.score.multiplier > 1).length;
  const best = measured[ranked[0]];
  const summary = `${measured.length} videos from ${day(first)} to ${day(last)}; ${better} above this channel's usual. The strongest: ${best.title}, ${times(best.score.multiplier)}. The table below has every value.`;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": summary });
  picture.append(...parts);
  $("plot").replaceChildren(picture);

  const seen = Object.keys(FORMS).filter((label) => measured.some((video) => form(video.score.label) === label));
  $("legend").replaceChildren(
    ...seen.map((label) => {
      const count = measured.filter((video) => form(video.score.label) === label).length;
      const sign = svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" });
      sign.append(svg("path", { class: `mark ${label}`, d: FORMS[label](10, 10) }));
      return element("li", {}, sign, `${WORDS[label]}: ${count}`);
    }),
  );
}

let drawnAt = 0;
addEventListener("resize", () => {
  const width = $("videos").clientWidth;
  if ($("chart").hidden || width === drawnAt) return;
  drawnAt = width;
  draw(videos.filter((video) => video.score?.multiplier != null && video.published_at));
});

function row(video) {
  const multiplier = video.score?.multiplier;
  const label = video.score?.label;
  const cell = element("td", { class: "times" });
  if (multiplier != null) {
    // 1/8× to 8×, with what is usual in the middle.
    const at = 60 + 18 * Math.max(-3, Math.min(3, Math.log2(Math.max(multiplier, 1 / 64))));
    const picture = svg("svg", { viewBox: "0 0 120 16", "aria-hidden": "true" });
    picture.append(
      svg("line", { class: "grid", x1: 4, x2: 116, y1: 8, y2: 8 }),
      svg("line", { class: "usual", x1: 60, x2: 60, y1: 0, y2: 16 }),
      svg("path", { class: `mark ${form(label)}`, d: FORMS[form(label)](at, 8) }),
    );
    cell.append(picture, element("b", {}, times(multiplier)));
  } else {
    cell.append("–");
  }
  const published = video.published_at ? element("time", { datetime: video.published_at }, day(Date.parse(video.published_at))) : "not public";
  return element("tr", {}, element("td", { class: "video" }, video.title), cell, element("td", {}, label ? WORDS[label] : "–"), element("td", {}, published));
}

// ------------------------------------------------------------------------------------------------------------- the service

const CONDITION = { healthy: "✓ All is well", degraded: "! Work is late or a service fails", unhealthy: "✕ Out of order" };

async function watchHealth() {
  try {
    const reply = await fetch("/api/health");
    const health = await reply.json();
    if (!health.status) throw new Error("no status");
    $("service").textContent = CONDITION[health.status] ?? health.status;
    $("health-state").replaceChildren();
    const facts = [
      ["Condition", CONDITION[health.status] ?? health.status],
      ["Version", health.version],
      ["Work last done", health.work?.last_dispatch_at ? ago(health.work.last_dispatch_at) : "never yet"],
      ["Waiting work", health.work?.oldest_due_seconds > 0 ? `for ${Math.round(health.work.oldest_due_seconds)} s` : "none"],
      ["Last verified backup", health.work?.last_verified_backup_at ? ago(health.work.last_verified_backup_at) : "none yet"],
      ...services(health.services),
    ];
    $("facts").replaceChildren(...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value ?? "–"))));
  } catch {
    $("service").textContent = "? The service does not answer";
    $("facts").replaceChildren();
    fail("health-state", new Refused(0, "The service does not say how it is."), watchHealth);
  }
}

function services(all = {}) {
  const names = { database: "Database", youtube: "YouTube", gemini: "Gemini", revid: "RevID" };
  return Object.entries({ database: all.database, ...all.external_apis })
    .filter(([, service]) => service?.status)
    .map(([name, service]) => [names[name] ?? name, service.status.replaceAll("_", " ")]);
}

// --------------------------------------------------------------------------------------------------------------- the page

function show(id) {
  for (const each of ["loading", "broken", "entrance", "content"]) $(each).hidden = each !== id;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function tell(id, sentence) {
  $(id).textContent = sentence;
  $(id).hidden = !sentence;
}

function wait(id, sentence) {
  $(id).replaceChildren(element("p", { class: "calm", role: "status" }, sentence));
}

function say(id, sentence) {
  $(id).replaceChildren(element("p", { class: "calm" }, sentence));
}

function fail(id, problem, again) {
  const button = element("button", { type: "button" }, "Try again");
  button.addEventListener("click", again);
  $(id).replaceChildren(element("p", { class: "notice", role: "alert" }, problem.message), element("p", {}, button));
}

const day = (moment) => new Date(moment).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });

function ago(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) if (seconds >= size) return words.format(-Math.round(seconds / size), unit);
  return "just now";
}

start();
