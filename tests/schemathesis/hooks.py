"""What the tool cannot know from the OpenAPI document: ids that exist, and rules that hold between fields."""

import json
import os
import random

import schemathesis
from hypothesis import strategies as st

import world

with open(os.environ["WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
schemathesis.openapi.format("iana-time-zone", st.sampled_from(ZONES))
schemathesis.openapi.format("webhook-url", st.integers(0, 10**6).map("https://hooks.example.com/{}".format))

# Which of the ids that exist stand in which place.
PATHS = {
    "/api/me/agents/{id}": "agents",
    "/api/channels/{id}": "channels",
    "/api/channels/{id}/sync": "channels",
    "/api/channels/{id}/insights": "channels",
    "/api/channels/{id}/brand-voices": "channels",
    "/api/videos/{id}": "videos",
    "/api/content/{id}": "content",
    "/api/content/{id}/diff": "content",
    "/api/video/{id}": "renders",
    "/api/schedule/{id}": "uploads",
    "/api/webhooks/endpoints/{id}": "endpoints",
    "/api/webhooks/endpoints/{id}/secret": "endpoints",
    "/api/webhooks/endpoints/{id}/test": "endpoints",
    "/api/webhooks/deliveries/{id}": "deliveries",
    "/api/webhooks/deliveries/{id}/replay": "deliveries",
}
FIELDS = {
    "channel_id": "channels",
    "content_id": "scripts",
    "render_id": "renders",
    "source_id": "content",
    "regenerate": "content",
    "root_id": "content",
}
# These would take away what other cases are made with; what exists is only touched by the tests in tests/api.
FINAL = {"deleteChannel", "deleteEndpoint"}

# Codes that say a request is malformed. Every other refusal of well-formed data is about the state of things: a time
# that has passed, a script that is not approved, an object that is not there.
MALFORMED = {
    "invalid_body",
    "invalid_header",
    "invalid_id",
    "invalid_json",
    "invalid_query",
    "unsupported_media_type",
}
# Rules between several fields, which the document states in words: where they may point.
BETWEEN = {
    "updateMe": {""},
    "updateAgent": {""},
    "updateChannel": {"", "/posting_slots"},
    "updateContent": {"", "/reason", "/item", "/content_hash", "/output"},
    "generateContent": {"/count", "/target_seconds", "/source_id", "/source_item", "/part", "/topic", "/regenerate"},
    "generateContentStream": {"/count", "/target_seconds", "/source_id", "/source_item", "/part", "/topic", "/regenerate"},
    "updateEndpoint": {""},
    "scheduleUpload": {"/publish_at", "/local_time", "/tags"},
    "updateUpload": {"", "/publish_at", "/local_time", "/time_zone", "/tags"},
    "estimateRender": {"/content_id"},
    "createRender": {"/content_id"},
}


@schemathesis.hook
def before_load_schema(context, schema):
    """The document describes what `data` of an event holds, as generators of clients read it; the tool wants the frame, too."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            for answer in operation.get("responses", {}).values():
                if events := answer.get("content", {}).get("text/event-stream"):
                    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": events["schema"]}
                    events["schema"] = {"type": "object", "required": ["data"], "properties": {"data": data}}


def _positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def _known(values, key, pool, chance):
    # The ids are uuids of the form that the document asks for: what is valid stays valid.
    if isinstance(values, dict) and isinstance(values.get(key), str) and chance.random() < 0.6:
        values[key] = chance.choice(WORLD[pool])


def _whole(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


@schemathesis.hook
def map_case(context, case):
    """Puts ids that exist into most well-formed requests."""
    if not _positive(case):
        return case
    # JSON Schema calls 7.0 an integer. Whoever writes integers as JSON writes 7.
    case.body = _whole(case.body)
    operation = context.operation.definition.raw.get("operationId", "")
    chance = random.Random(json.dumps([case.path_parameters, str(case.query), str(case.body)], default=str))
    # What follows a call of another operation is about what that one made.
    linked = case.meta.phase.name == "stateful"
    if not linked and operation not in FINAL and context.operation.path in PATHS:
        _known(case.path_parameters, "id", PATHS[context.operation.path], chance)
    for values in (case.query, case.body):
        for key, pool in FIELDS.items():
            _known(values, key, pool, chance)
    if operation == "readCalendar" and chance.random() < 0.6:
        case.path_parameters["secret"] = WORLD["secret"]
    return case


@schemathesis.hook
def before_call(context, case, kwargs):
    """Erasing an account is done to a new one each time."""
    if (case.operation.path, case.method) == ("/api/me", "DELETE"):
        if case.headers.get("Authorization") == f"Bearer {WORLD['token']}":
            case.headers["Authorization"] = f"Bearer {world.sign_up()}"


def _lacks_an_id(case):
    """Whether a link gave null where an id must stand: the channel of a webhook that is for all of them."""
    given = {**(case.path_parameters or {}), **(case.query or {})}
    return any(
        parameter["required"] and given.get(parameter["name"]) in (None, "None")
        for parameter in case.operation.definition.raw.get("parameters", [])
        if parameter["in"] in ("path", "query")
    )


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Keeps refusals of well-formed data only when they call it malformed, or break no rule that the document words."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    if _lacks_an_id(case):
        return False
    operation = case.operation.definition.raw.get("operationId", "")
    try:
        problem = response.json()
    except ValueError:
        return True
    if problem.get("code") not in MALFORMED:
        return False
    # A cursor is opaque: only those that the list gave are good.
    allowed = BETWEEN.get(operation, set()) | {"?cursor"}
    pointers = [error.get("pointer", f"?{error.get('parameter')}") for error in problem.get("errors", [])]
    return not pointers or not all(
        any(pointer == rule or (rule and pointer.startswith(rule + "/")) for rule in allowed) for pointer in pointers
    )
