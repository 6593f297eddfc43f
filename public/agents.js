// Programs that act for the user: the consent that one asks for, and what each of them may do. Everything shown is set as text,
// never as markup: names and addresses come from the programs.

const $ = (id) => document.getElementById(id);
const SECTIONS = ["loading", "broken", "entrance", "consent", "programs"];
const asked = new URLSearchParams(location.search).get("authorization_id");

let config;
let supabase;
let entered;

const show = (...wanted) => SECTIONS.forEach((id) => ($(id).hidden = !wanted.includes(id)));

function tell(element, words) {
  element.textContent = words;
  element.hidden = !words;
}

class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function answer(response) {
  let reply;
  try {
    reply = await response;
  } catch {
    throw new Refused(0, "The service cannot be reached. Are you online?");
  }
  const text = await reply.text();
  const body = text ? JSON.parse(text) : {};
  if (reply.ok) return body;
  throw new Refused(reply.status, body.detail ?? body.title ?? body.msg ?? `The service answered with ${reply.status}.`);
}

async function session() {
  const { data } = await supabase.auth.getSession();
  if (data.session) return data.session;
  enter(null);
  throw new Refused(401, "Your session has ended. Sign in again.");
}

async function api(path, options = {}) {
  const { access_token } = await session();
  return answer(fetch(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${access_token}` } }));
}

async function signInService(path, options = {}) {
  const { access_token } = await session();
  const headers = { authorization: `Bearer ${access_token}`, apikey: config.supabase_publishable_key, "content-type": "application/json" };
  return answer(fetch(`${config.supabase_url.replace(/\/$/, "")}/auth/v1${path}`, { ...options, headers }));
}

async function start() {
  try {
    config = await answer(fetch("/api/config"));
    if (!window.supabase) throw new Refused(0, "The sign-in library did not load. If this is your deployment: scripts/pages puts it in place.");
  } catch (problem) {
    tell($("broken-reason"), problem.message);
    return show("broken");
  }
  supabase = window.supabase.createClient(config.supabase_url, config.supabase_publishable_key);
  supabase.auth.onAuthStateChange((event, current) => {
    // supabase-js holds a lock while this runs.
    if (event !== "TOKEN_REFRESHED") setTimeout(() => enter(current), 0);
  });
}

function enter(current) {
  const person = current?.user?.id ?? null;
  if (person === entered) return;
  entered = person;
  $("who").hidden = !person;
  $("email").textContent = current?.user?.email ?? "";
  if (!person) return show("entrance");
  if (asked) return consent();
  return programs();
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = event.target;
  const { error } = await supabase.auth.signInWithPassword({ email: email.value.trim(), password: password.value });
  tell($("sign-in-problem"), error ? (error.code === "invalid_credentials" ? "E-mail or password is wrong." : error.message) : "");
  if (!error) event.target.reset();
});

$("sign-out").addEventListener("click", async () => {
  await supabase.auth.signOut({ scope: "local" });
  enter(null);
});

// ------------------------------------------------------------------------------------------------------------ the consent

/** Whether a browser may be sent there: never to an address that would run as a script of this page. */
const isAddress = (text) => {
  try {
    return !["javascript:", "data:", "blob:", "vbscript:", "file:", "about:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** Whether an address is the one that was shown, with a query behind it. */
const leadsTo = (target, shown) => isAddress(target) && (target === shown || target.startsWith(`${shown}${shown.includes("?") ? "&" : "?"}`));

async function consent() {
  show("loading");
  let details;
  try {
    details = await signInService(`/oauth/authorizations/${encodeURIComponent(asked)}`);
  } catch (problem) {
    tell($("programs-state"), problem.status === 404 || problem.status === 400 ? "This request of a program is over. Connect it again." : problem.message);
    return programs();
  }
  // Allowed before, to the same program at one of its addresses.
  if (details.redirect_url) return isAddress(details.redirect_url) && location.replace(details.redirect_url);
  const shown = details.redirect_uri ?? "";
  $("program").textContent = details.client?.name || "no name";
  $("person").textContent = details.user?.email ?? "";
  $("redirect").textContent = shown || "The sign-in service does not tell the address.";
  $("approve").disabled = !isAddress(shown);
  $("approve").onclick = () => decide("approve", shown);
  $("deny").onclick = () => decide("deny", shown);
  show("consent");
  $("main").focus();
}

async function decide(action, shown) {
  const buttons = [$("approve"), $("deny")];
  buttons.forEach((button) => (button.disabled = true));
  try {
    const path = `/oauth/authorizations/${encodeURIComponent(asked)}/consent`;
    const { redirect_url } = await signInService(path, { method: "POST", body: JSON.stringify({ action }) });
    if (!leadsTo(redirect_url, shown)) throw new Refused(0, "The sign-in service leads to another address than the one shown, so you were not sent there.");
    location.assign(redirect_url);
  } catch (problem) {
    tell($("consent-problem"), problem.message);
    buttons.forEach((button) => (button.disabled = false));
  }
}

// ----------------------------------------------------------------------------------------------------------- the programs

/** What a program may do that nothing was said about: what the API begins with. */
const NOTHING = { may_spend: false, may_publish: false, daily_cost_micros: 1_000_000, daily_credits: 100, daily_publications: 3 };

async function programs() {
  show("loading");
  try {
    const [grants, allowed] = await Promise.all([signInService("/user/oauth/grants"), everyAgent()]);
    const known = new Map(allowed.map((agent) => [agent.id, agent]));
    const cards = (grants.grants ?? grants).map((grant) => {
      const client = grant.client ?? { id: grant.client_id, name: grant.client_name };
      return card(client, grant.granted_at, known.get(client.id));
    });
    $("list").replaceChildren(...cards);
    if (!cards.length) tell($("programs-state"), $("programs-state").textContent || "No program acts for you.");
  } catch (problem) {
    tell($("programs-state"), problem.message);
  }
  show("programs");
}

async function everyAgent() {
  const agents = [];
  let cursor;
  do {
    const page = await api(`/api/me/agents?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    agents.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return agents;
}

function card(client, since, agent) {
  const section = $("card").content.cloneNode(true).firstElementChild;
  const form = section.querySelector("form");
  const state = form.querySelector("[role=status]");
  section.querySelector("h2").textContent = client.name || "A program without a name";
  section.querySelector(".id").textContent = client.id;
  section.querySelector(".since").textContent = since ? `Connected since ${new Date(since).toLocaleDateString()}.` : "";
  fill(form, agent ?? NOTHING);

  const change = async (changes) => {
    const match = agent ? { "if-match": `"v${agent.version}"` } : {};
    const path = `/api/me/agents/${encodeURIComponent(client.id)}`;
    const headers = { "content-type": "application/json", ...match };
    agent = await api(path, { method: "PATCH", headers, body: JSON.stringify(changes) });
    fill(form, agent);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const isWrong = (field) => field.type === "number" && (field.value === "" || !field.checkValidity());
    for (const field of form.elements) isWrong(field) ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
    const wrong = [...form.elements].find(isWrong);
    state.classList.toggle("good", !wrong);
    if (wrong) {
      tell(state, `A cap is a number from 0 on. ${wrong.labels[0].innerText.trim()}: ${wrong.min} to ${Number(wrong.max).toLocaleString()}.`);
      return wrong.focus();
    }
    try {
      await change({
        may_spend: form.may_spend.checked,
        may_publish: form.may_publish.checked,
        daily_cost_micros: Math.round(Number(form.dollars.value) * 1e6),
        daily_credits: Number(form.credits.value),
        daily_publications: Number(form.publications.value),
      });
      tell(state, "Saved.");
    } catch (problem) {
      state.classList.remove("good");
      tell(state, problem.status === 412 ? "This was changed elsewhere. Load the page again." : problem.message);
    }
  });
  form.querySelector(".end").addEventListener("click", async () => {
    try {
      if (agent) await change({ may_spend: false, may_publish: false });
      await signInService(`/user/oauth/grants?client_id=${encodeURIComponent(client.id)}`, { method: "DELETE" });
      section.remove();
      tell($("programs-state"), "The program is disconnected. What it still holds ends within the hour.");
    } catch (problem) {
      state.classList.remove("good");
      tell(state, problem.message);
    }
  });
  return section;
}

function fill(form, agent) {
  form.may_spend.checked = agent.may_spend;
  form.may_publish.checked = agent.may_publish;
  form.dollars.value = agent.daily_cost_micros / 1e6;
  form.credits.value = agent.daily_credits;
  form.publications.value = agent.daily_publications;
}

document.addEventListener("DOMContentLoaded", start);
