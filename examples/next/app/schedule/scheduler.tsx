"use client";

import { useActionState } from "react";
import { schedule } from "./actions";

export function Scheduler({ renders, firstKey }: { renders: string[]; firstKey: string }) {
  const [result, action, waiting] = useActionState(schedule, { key: firstKey, done: false });
  return (
    <form action={action}>
      <p>
        <label>
          Film{" "}
          <select name="render">
            {renders.map((id) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      </p>
      <p>
        <label>
          Title <input name="title" required defaultValue={result.title} />
        </label>
      </p>
      <p>
        <label>
          Time (UTC) <input name="time" placeholder="2027-01-31T17:00:00Z" required defaultValue={result.time} />
        </label>
      </p>
      <button disabled={waiting}>Schedule</button>
      <p role="status">{result.done && "Scheduled."}</p>
      <p role="alert">{result.problem && `${result.problem.code}: ${result.problem.message}`}</p>
    </form>
  );
}
