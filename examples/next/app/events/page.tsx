import { received } from "@/lib/events";

export const dynamic = "force-dynamic";

export default function Events() {
  return (
    <>
      <h1>Events</h1>
      <ul aria-label="Events">
        {[...received].map(([id, type]) => (
          <li key={id}>{type}</li>
        ))}
      </ul>
    </>
  );
}
