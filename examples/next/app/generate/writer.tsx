"use client";

import { Catalyst, Problem, type GenerateEvent } from "content-catalyst-sdk";
import { useState } from "react";

/** Generates through our own route handler, which adds the token; so the browser needs none. */
export function Writer({ channel }: { channel: string }) {
  const [events, setEvents] = useState<GenerateEvent[]>([]);
  const [problem, setProblem] = useState<string>();

  async function write(form: FormData) {
    setEvents([]);
    setProblem(undefined);
    const api = new Catalyst({ url: window.location.origin });
    try {
      const { stream } = await api.generateContentStream({
        path: { kind: "script" },
        body: { channel_id: channel, topic: String(form.get("topic")), target_seconds: 60 },
      });
      for await (const event of stream) {
        setEvents((seen) => [...seen, event]);
        if (event.type === "problem") setProblem(event.problem.detail ?? event.problem.title);
      }
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : "The connection was lost.");
    }
  }

  const stages = events.map((event) => (event.type === "progress" ? event.stage : event.type));
  const last = events.at(-1);
  return (
    <>
      <h1>Generate</h1>
      <form action={write}>
        <label>
          Topic <input name="topic" required />
        </label>{" "}
        <button>Write a script</button>
      </form>
      <ol aria-label="Stages">
        {[...new Set(stages)].map((stage) => (
          <li key={stage}>{stage}</li>
        ))}
      </ol>
      <p role="alert">{problem}</p>
      {last?.type === "content" && <pre style={{ whiteSpace: "pre-wrap" }}>{JSON.stringify(last.content.output, null, 2)}</pre>}
    </>
  );
}
