// A change of an upload by somebody who has seen one version of it. Its own progress makes versions too, which nobody has to
// decide about; what another tab or person has changed does.

import { Problem, type Upload, type UploadChanges } from 'content-catalyst-sdk';
import { cache } from './cache.ts';
import { api, ifVersion } from './client.ts';

const TRIES = 4;

/** What people change, and so what can be in conflict. */
export const OPEN = ['title', 'description', 'tags', 'category_id', 'publish_at', 'made_for_kids', 'altered_content', 'notify_subscribers'] as const;
export type Open = (typeof OPEN)[number];

/** Somebody else changed it meanwhile. */
export class Conflict extends Error {
  readonly theirs: Upload;
  readonly fields: Open[];

  constructor(theirs: Upload, fields: Open[]) {
    super('It was changed meanwhile.');
    this.theirs = theirs;
    this.fields = fields;
  }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The fields in which two versions differ. */
export const changedFields = (before: Upload, after: Upload): Open[] => OPEN.filter((field) => !same(before[field], after[field]));

export async function changeUpload(seen: Upload, body: UploadChanges): Promise<Upload> {
  let known = seen;
  for (let tries = 1; ; tries++) {
    try {
      const { data } = await api.updateUpload({ path: { id: seen.id }, headers: ifVersion(known), body });
      put(data);
      return data;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'version_mismatch') || tries >= TRIES) throw error;
      known = (await api.getUpload({ path: { id: seen.id } })).data;
      const fields = changedFields(seen, known);
      if (fields.length > 0) throw new Conflict(known, fields);
    }
  }
}

export async function cancelUpload(seen: Upload): Promise<void> {
  await api.cancelUpload({ path: { id: seen.id } });
  await refreshUploads();
}

function put(upload: Upload) {
  cache.setQueryData(['upload', upload.id], upload);
  void refreshUploads();
}

export const refreshUploads = () =>
  Promise.all(['uploads', 'upload', 'slots'].map((key) => cache.invalidateQueries({ queryKey: [key] })));
