// Two clients, made once. A client for each request, as the guides show it, would cost more: the caller's token goes into
// the headers of the single query instead. Node's fetch keeps connections alive.

import { createClient } from "@supabase/supabase-js";

import { env } from "./env.js";
import { Problem } from "./problem.js";

const auth = { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false };

/** Rows under row level security: give every query the caller's token by `asUser`. */
export const rows = createClient(env.supabaseUrl, env.publishableKey, {
  accessToken: async () => env.publishableKey,
});

/** The functions that change state. */
export const engine = createClient(env.supabaseUrl, env.secretKey, { auth, db: { schema: "engine" } });

interface Headed {
  setHeader(name: string, value: string): this;
}

export function asUser<Query extends Headed>(query: Query, token: string): Query {
  return query.setHeader("Authorization", `Bearer ${token}`);
}

interface Answer<Data> {
  data: Data | null;
  error: { code: string; message: string; details: string | null; hint: string | null } | null;
  status: number;
}

/** What a query gave. An error that one of our SQL functions raised carries a status, a code and a sentence for the user. */
export function unwrap<Data>(answer: Answer<unknown>): Data {
  const { error } = answer;
  if (error) {
    const refused = /^PT(\d{3})$/.exec(error.code);
    if (refused) {
      throw new Problem(Number(refused[1]), error.message, error.details ?? undefined, error.hint || undefined);
    }
    throw new Problem(503, "database_unavailable", "The database does not answer.");
  }
  return answer.data as Data;
}
