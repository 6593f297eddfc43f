// All videos of a channel, in the few words that the results need. A channel has thousands, so they come page by page and are
// shown as they come; requests are left over for the other screens.

import { queryOptions } from '@tanstack/react-query';
import { type Format, type Label, Problem, type Video, type VideoPage } from 'content-catalyst-sdk';
import { api } from './client.ts';
import { breather } from './pace.ts';

/** One video in the catalogue. */
export interface Entry {
  id: string;
  title: string;
  /** When it was published, in milliseconds. */
  at: number | null;
  format: Format | null;
  label: Label | null;
  multiplier: number | null;
  /** Why there is no multiplier. */
  withheld: string | null;
  views: number | null;
  thumbnail: string | null;
  gone: boolean;
}

export interface Catalogue {
  /** The newest first. */
  entries: Entry[];
  complete: boolean;
  /** Whether this deployment may show comparisons. */
  scoresShown: boolean;
}

const NOTHING: Catalogue = { entries: [], complete: false, scoresShown: true };

const entryOf = (video: Video): Entry => ({
  id: video.id,
  title: video.title,
  at: video.published_at ? Date.parse(video.published_at) : null,
  format: video.format ?? null,
  label: video.score?.label ?? null,
  multiplier: video.score?.multiplier ?? null,
  withheld: video.score?.withheld ?? null,
  views: video.youtube.views ?? null,
  thumbnail: video.thumbnail_url ?? null,
  gone: Boolean(video.gone_at),
});

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function* pages(channel: string): AsyncGenerator<VideoPage> {
  let cursor: string | undefined;
  do {
    try {
      const { data, response } = await api.listVideos({ query: { channel_id: channel, limit: 100, cursor } });
      yield data;
      cursor = data.next_cursor ?? undefined;
      if (cursor) await pause(breather(response.headers.get('ratelimit')));
    } catch (refused) {
      if (!(refused instanceof Problem) || refused.code !== 'rate_limited') throw refused;
      await pause(refused.retryAfter ?? 10);
    }
  } while (cursor);
}

export const catalogueQuery = (channel: string) =>
  queryOptions({
    queryKey: ['catalogue', channel],
    queryFn: async ({ client, queryKey }): Promise<Catalogue> => {
      let seen = NOTHING;
      for await (const page of pages(channel)) {
        seen = {
          entries: [...seen.entries, ...page.items.map(entryOf)],
          complete: !page.next_cursor,
          scoresShown: page.items[0]?.scores_shown ?? seen.scoresShown,
        };
        // What is there already stays until more has come.
        const shown = client.getQueryData<Catalogue>(queryKey);
        if (!shown?.complete && seen.entries.length > (shown?.entries.length ?? 0)) client.setQueryData(queryKey, seen);
      }
      return seen;
    },
    staleTime: ({ state }) => (state.data?.complete ? 300_000 : 0),
    structuralSharing: false,
  });
