import { randomUUID } from "node:crypto";
import { catalyst } from "@/lib/session";
import { Scheduler } from "./scheduler";

export default async function Schedule() {
  const api = await catalyst();
  const [renders, uploads] = await Promise.all([api.listRenders({ query: { state: "ready" } }), api.listUploads()]);
  return (
    <>
      <h1>Schedule</h1>
      <Scheduler renders={renders.data.items.map(({ id }) => id)} firstKey={randomUUID()} />
      <ul aria-label="Uploads">
        {uploads.data.items.map(({ id, title, state, publish_at }) => (
          <li key={id}>
            {title}: {state}, {publish_at}
          </li>
        ))}
      </ul>
    </>
  );
}
