// Where Google's consent ends. What Google brought stands in the fragment, which no server has seen; it is posted with the
// token of whoever is signed in here, so a consent that somebody else has started connects nothing.

const brought = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
// Before anything else, the sign-in library included: neither the history nor another script is to find the code.
history.replaceState(null, "", location.pathname);

const $ = (id) => document.getElementById(id);

function tell(title, words, label = "To your dashboard") {
  $("title").textContent = title;
  $("words").textContent = words;
  $("on").textContent = label;
  $("on").hidden = false;
}

async function finish() {
  if (!brought.state) {
    return tell("Nothing to connect", "This page finishes a consent that was given at Google. Connect a channel from your dashboard.");
  }
  const config = await (await fetch("/api/config")).json();
  const supabase = window.supabase.createClient(config.supabase_url, config.supabase_publishable_key);
  const { data } = await supabase.auth.getSession();
  if (!data.session) {
    return tell("Sign in first", "Nobody is signed in in this browser, so the channel was not connected. Sign in, and connect it again.", "To the sign-in");
  }
  const { state, code, error } = brought;
  const reply = await fetch("/api/channels/connect/finish", {
    method: "POST",
    headers: { authorization: `Bearer ${data.session.access_token}`, "content-type": "application/json" },
    body: JSON.stringify({ state, code, error }),
  });
  const body = await reply.json();
  if (!reply.ok) return tell("The channel was not connected", body.detail ?? body.title, "Back to your dashboard");
  const next = new URL(body.return_to);
  next.searchParams.set("connected", body.id);
  location.replace(next);
}

const lost = () => tell("The channel was not connected", "The service cannot be reached. Connect the channel again in a moment.", "Back to your dashboard");
document.addEventListener("DOMContentLoaded", () => finish().catch(lost));
