import { queryOptions } from '@tanstack/react-query';
import type { Content, Video } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** What a video was made of, when it was made here. */
export interface Made {
  render: string;
  text?: Pick<Content, 'id' | 'kind' | 'brief' | 'title' | 'prompt_version' | 'model_answered' | 'inspired_by'>;
}

const DAY = 86_400_000;

/** Looks among the publications of its days for the one that became this video. */
export const originQuery = ({ channel_id, youtube_video_id, published_at }: Pick<Video, 'channel_id' | 'youtube_video_id' | 'published_at'>) =>
  queryOptions({
    queryKey: ['origin', youtube_video_id],
    enabled: Boolean(published_at),
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<Made | null> => {
      const at = Date.parse(published_at ?? '');
      const [from, to] = [at - DAY, at + DAY].map((time) => new Date(time).toISOString());
      const { data } = await api.listUploads({ query: { channel_id, from, to, limit: 100 }, signal });
      const upload = data.items.find((each) => each.youtube_video_id === youtube_video_id);
      if (!upload) return null;
      const { data: render } = await api.getRender({ path: { id: upload.render_id }, signal });
      if (!render.content_id) return { render: render.id };
      const { data: text } = await api.getContent({ path: { id: render.content_id }, signal });
      const { id, kind, brief, title, prompt_version, model_answered, inspired_by } = text;
      return { render: render.id, text: { id, kind, brief, title, prompt_version, model_answered, inspired_by } };
    },
  });
