"use server";

import { randomUUID } from "node:crypto";
import { Problem, type ProblemCode } from "content-catalyst-sdk";
import { revalidatePath } from "next/cache";
import { catalyst } from "@/lib/session";

interface Result {
  /** For the next request: what was answered belongs to the last one. */
  key: string;
  done: boolean;
  title?: string;
  time?: string;
  problem?: { code: ProblemCode; message: string };
}

/** Schedules a film once, however often the form is sent: its key came with it. */
export async function schedule({ key }: Result, form: FormData): Promise<Result> {
  const [render_id, title, time] = ["render", "title", "time"].map((name) => String(form.get(name)));
  const api = await catalyst();
  try {
    await api.scheduleUpload({
      headers: { "Idempotency-Key": key },
      body: { render_id, title, publish_at: time, made_for_kids: false, altered_content: true },
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { key: randomUUID(), done: false, title, time, problem: { code: error.code, message: error.message } };
  }
  revalidatePath("/schedule");
  return { key: randomUUID(), done: true };
}
