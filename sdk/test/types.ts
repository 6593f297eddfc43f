// Compiled and never run: what an editor knows of the package.

import { Catalyst, ifMatch, paginate, Problem, type Video } from '../dist/index.js';
import type { Database } from '../dist/database.types.js';

declare const api: Catalyst;

export async function typed(error: unknown, id: string) {
  const { data, response } = await api.getVideo({ path: { id } });
  const title: string = data.title;
  for await (const video of paginate((cursor) => api.listVideos({ query: { cursor } }))) take(video);
  const { stream } = await api.generateContentStream({ path: { kind: 'ideas' }, body: { channel_id: id } });
  for await (const event of stream) if (event.type === 'content') event.content.content_hash;
  await api.updateMe({ headers: ifMatch({ response }), body: { display_name: title } });
  if (error instanceof Problem && error.code === 'slot_taken') error.errors.map(({ message }) => message);

  // @ts-expect-error: no such field.
  await api.scheduleUpload({ body: { render: id, title } });
  // @ts-expect-error: no such kind.
  await api.generateContent({ path: { kind: 'poem' }, body: { channel_id: id } });
  // @ts-expect-error: no such code.
  if (error instanceof Problem && error.code === 'slot_gone') return;
  // @ts-expect-error: a body is needed.
  await api.createRender({});
}

declare function take(video: Video): void;
export type Channel = Database['public']['Tables']['channels']['Row']['title'];
