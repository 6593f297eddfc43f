import { env } from "./env.js";
import { Problem } from "./problem.js";
import { engine, unwrap } from "./supabase.js";

export type Limit = "read" | "write";

interface Admission {
  allowed: boolean;
  remaining: number;
  reset_seconds: number;
  retry_after_seconds: number;
}

// Users that this process last saw admitted: their reads need not wait for the limiter's word.
const admitted = new Set<string>();

export const isExpected = (user: string) => admitted.has(user);

export async function admit(user: string, limit: Limit): Promise<void> {
  const allowance = env.rateLimiting ? env.requestsPerMinute : 1_000_000;
  const answer = unwrap<Admission>(
    await engine.rpc("check_rate_limit", { p_user: user, p_class: limit, p_per_minute: allowance, p_burst: allowance }),
  );
  if (!answer.allowed) {
    admitted.delete(user);
    throw new Problem(429, "rate_limited", `Wait ${answer.retry_after_seconds} s.`);
  }
  if (admitted.size >= 1_024) {
    admitted.clear();
  }
  admitted.add(user);
}
