"""Somebody to be while requests are made up: a user with a channel, content in every state, a render, an upload and a
webhook.

Everything is made through the API, as a person would. Writes what it made to the file named, as JSON.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

API = os.environ["API_URL"]
SUPABASE = os.environ["SUPABASE_URL"]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments, **_named):
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def call(method, url, body=None, headers=None):
    """Status, headers and parsed body of an answer, whatever its status."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "accept": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        answer = _opener.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read()
    try:
        parsed = json.loads(text) if text else None
    except ValueError:
        parsed = None
    return answer.status, answer.headers, parsed


def auth(method, path, body, key):
    """What the sign-in service answers."""
    status, _, answer = call(method, f"{SUPABASE}/auth/v1/{path}", body, {"apikey": os.environ[key]})
    assert status == 200, answer
    return answer


def sign_up(admin=False):
    """A new user's access token."""
    body = {"email": f"{uuid.uuid4().hex}@example.com", "password": str(uuid.uuid4())}
    session = auth("POST", "signup", body, "SUPABASE_PUBLISHABLE_KEY")
    if admin:
        role = {"app_metadata": {"role": "admin"}}
        auth("PUT", f"admin/users/{session['user']['id']}", role, "SUPABASE_SECRET_KEY")
        refresh = {"refresh_token": session["refresh_token"]}
        session = auth("POST", "token?grant_type=refresh_token", refresh, "SUPABASE_PUBLISHABLE_KEY")
    return session["access_token"]


class Person:
    """A signed-in user, who is an administrator."""

    def __init__(self):
        self.token = sign_up(admin=True)

    def call(self, method, path, body=None):
        return call(method, API + path, body, {"authorization": f"Bearer {self.token}"})

    def ok(self, method, path, body=None):
        status, _, answer = self.call(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer

    def connect(self):
        """Connects a made-up channel through the stand-in's consent page; its id."""
        name = f"acct-{uuid.uuid4().hex}"
        account = {"account": name, "channel": {"generated": {"videos": 30, "seed": 5}}}
        status, _, made = call("POST", os.environ["FAKE_GOOGLE_URL"] + "/_control/accounts", account)
        assert status < 300, made
        page = self.ok("POST", "/api/channels/connect", {})["authorization_url"]
        _, headers, _ = call("GET", f"{page}&login_hint={name}")
        _, headers, _ = call("GET", headers["location"])
        # What the page /connected does.
        brought = dict(urllib.parse.parse_qsl(headers["location"].partition("#")[2]))
        return self.ok("POST", "/api/channels/connect/finish", brought)["id"]

    def wait(self, path, field, wanted):
        """Follows a resource, waking the dispatcher as the scheduler would."""
        for _ in range(240):
            call("POST", API + "/api/cron/dispatch", {}, {"authorization": f"Bearer {os.environ['CRON_SECRET']}"})
            answer = self.ok("GET", path)
            value = answer
            for part in field.split("."):
                value = value[part]
            if value in wanted:
                return answer
            time.sleep(0.25)
        raise AssertionError(f"{path}: {field} did not become one of {wanted}: {answer}")


def build():
    """Makes it all."""
    person = Person()
    channel = person.connect()
    person.wait(f"/api/channels/{channel}", "sync.state", ["idle"])

    def generate(kind, **more):
        return person.ok("POST", f"/api/generate/{kind}", {"channel_id": channel, **more})

    def approve(content, **more):
        body = {"decision": "approve", "content_hash": content["content_hash"], **more}
        return person.ok("PATCH", f"/api/content/{content['id']}", body)

    ideas = approve(generate("ideas", count=3), item=0)
    titles = generate("titles", source_id=ideas["id"])
    scripts = [generate("script", topic=f"Honey never spoils {n}", target_seconds=60) for n in range(3)]
    description = generate("description", source_id=scripts[0]["id"])
    approved = [approve(script) for script in scripts[:2]]
    render = person.ok("POST", "/api/video/render", {"content_id": approved[0]["id"]})
    person.wait(f"/api/video/{render['id']}", "state", ["ready"])
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 40 * 86_400))
    upload = person.ok(
        "POST",
        "/api/schedule",
        {
            "render_id": render["id"], "title": "Honey", "made_for_kids": False, "altered_content": True,
            "publish_at": at,
        },
    )
    endpoint = person.ok("POST", "/api/webhooks/endpoints", {"url": "https://hooks.example.com/"})
    delivery = person.ok("POST", f"/api/webhooks/endpoints/{endpoint['id']}/test", {})
    videos = person.ok("GET", f"/api/videos?channel_id={channel}&limit=20")["items"]
    feed = person.ok("POST", "/api/schedule/calendar")
    program = person.ok("PATCH", f"/api/me/agents/{uuid.uuid4()}", {"may_spend": True})
    return {
        "token": person.token,
        "secret": feed["url"].rsplit("/", 1)[1].removesuffix(".ics"),
        "agents": [program["id"]],
        "channels": [channel],
        "videos": [video["id"] for video in videos],
        "content": [row["id"] for row in [ideas, titles, description, *scripts]],
        "scripts": [script["id"] for script in scripts],
        "renders": [render["id"]],
        "uploads": [upload["id"]],
        "endpoints": [endpoint["id"]],
        "deliveries": [delivery["id"]],
    }


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(build(), file)
