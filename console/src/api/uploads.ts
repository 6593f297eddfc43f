import { queryOptions } from '@tanstack/react-query';
import { paginate, type Upload, type UploadState } from 'content-catalyst-sdk';
import { api } from './client.ts';

const MOVING: readonly UploadState[] = ['preparing', 'uploading', 'processing'];

/** Whether it changes by itself within seconds. */
export const isMoving = (upload: Upload, now = Date.now()) =>
  MOVING.includes(upload.state) || upload.cancelling || (['scheduled', 'on_youtube'].includes(upload.state) && Date.parse(upload.publish_at) < now + 60_000);

/** What the user has to look at. */
export const needsSomebody = ({ state, withdrawal }: Upload) => ['needs_attention', 'failed', 'outcome_unknown'].includes(state) || withdrawal === 'refused';

/** All uploads of a stretch of time, instants in ISO form. */
export const uploadsQuery = (channel: string, from: string, to?: string) =>
  queryOptions({
    queryKey: ['uploads', channel, from, to ?? null],
    queryFn: async ({ signal }): Promise<Upload[]> => {
      const uploads: Upload[] = [];
      for await (const upload of paginate((cursor) => api.listUploads({ query: { channel_id: channel, from, to, cursor, limit: 100 }, signal }))) uploads.push(upload);
      return uploads;
    },
    refetchInterval: ({ state }) => (state.data?.some((upload) => isMoving(upload)) ? 3000 : 60_000),
  });

export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: ['upload', id],
    queryFn: async ({ signal }): Promise<Upload> => (await api.getUpload({ path: { id }, signal })).data,
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? 2000 : false),
  });
