import { api } from '../../api/client.ts';
import { endOf } from './end.ts';

/** Everything that is held about the person, as a file; `tell` hears how many rows have come. */
export async function exportAll(tell: (rows: number) => void): Promise<Blob> {
  const parts: string[] = [];
  let rows = 0;
  let cursor: string | undefined;
  for (;;) {
    const part = (await api.exportMe({ query: { cursor }, parseAs: 'text' })).data as unknown as string;
    parts.push(part);
    const end = endOf(part);
    rows += end.rows;
    tell(rows);
    if (end.complete || !end.cursor) return new Blob(parts, { type: 'application/x-ndjson' });
    cursor = end.cursor;
  }
}

/** Hands a file to the browser's downloads. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
