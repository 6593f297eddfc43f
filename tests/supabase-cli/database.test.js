import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { committed, migrations, supabase, types } from "./supabase.js";

test("the history that catalyst wrote is the Supabase CLI's own", () => {
  const files = readdirSync(migrations).map((file) => file.split("_")[0]);
  const listed = JSON.parse(supabase("migration", "list", "--output-format", "json")).migrations;
  assert.deepEqual(
    listed.map(({ local, remote }) => [local, remote]),
    files.sort().map((version) => [version, version]),
  );
});

test("the advisors find what is listed with its reason, and nothing else", () => {
  const reasons = JSON.parse(readFileSync(new URL("findings.json", import.meta.url), "utf8"));
  assert.deepEqual(Object.keys(reasons), Object.keys(reasons).sort(), "the list is sorted");
  const answer = supabase("db", "advisors", "--type", "all", "--level", "info");
  const found = JSON.parse(answer)
    // A database that has just been made has used none of its indexes.
    .filter(({ name }) => name !== "unused_index");
  const added = found.filter(({ cache_key }) => !Object.hasOwn(reasons, cache_key));
  assert.deepEqual(
    added.map(({ cache_key, detail, remediation }) => ({ cache_key, detail, remediation })),
    [],
    "mend these, or list them with the reason why they stay",
  );
  const gone = Object.keys(reasons).filter((key) => !found.some(({ cache_key }) => cache_key === key));
  assert.deepEqual(gone, [], "these are no longer found: take them off the list");
});

test("the committed types are those of the database", () => {
  assert.equal(types(), readFileSync(committed, "utf8"), "write them anew: make supabase-types");
});
