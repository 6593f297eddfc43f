import { env } from "./env.js";
import { Problem } from "./problem.js";
import { engine, unwrap } from "./supabase.js";

export type Limit = "read" | "write";

interface Decision {
  allowed: boolean;
  remaining: number;
  reset_seconds: number;
  retry_after_seconds: number;
}

// Users whose last request was allowed: their reads need not wait for the decision.
const allowed = new Set<string>();

export const isAllowed = (user: string) => allowed.has(user);

export async function checkRateLimit(user: string, limit: Limit): Promise<void> {
  const allowance = env.rateLimiting ? env.requestsPerMinute : 1_000_000;
  const decision = unwrap<Decision>(
    await engine.rpc("check_rate_limit", { p_user: user, p_class: limit, p_per_minute: allowance }),
  );
  if (!decision.allowed) {
    allowed.delete(user);
    throw new Problem(429, "rate_limited", `Wait ${decision.retry_after_seconds} s.`);
  }
  if (allowed.size >= 1_024) {
    allowed.clear();
  }
  allowed.add(user);
}
