import { catalyst } from "@/lib/session";

export default async function Videos() {
  const api = await catalyst();
  const { data } = await api.listVideos({ query: { limit: 10 } });
  return (
    <>
      <h1>Videos</h1>
      {data.items.length === 0 && <p>No videos yet: connect a channel.</p>}
      <ul aria-label="Videos">
        {data.items.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
    </>
  );
}
