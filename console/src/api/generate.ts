// Writing with the model: it takes up to a minute and tells how far it is.

import { type Content, type ContentKind, type GenerateBody, type GenerateStage, Problem } from 'content-catalyst-sdk';
import { useEffect, useRef, useState } from 'react';
import { cache } from './cache.ts';
import { api } from './client.ts';
import { pieceQuery } from './content.ts';

export interface Progress {
  stage: GenerateStage | 'started';
  characters: number;
  /** The row that holds it, known as soon as it has begun. */
  id?: string;
}

export interface Generation {
  progress?: Progress;
  error: unknown;
  /** Writes; the content, or nothing when it failed. One at a time: a second call while one runs does nothing. */
  write: (kind: ContentKind, body: GenerateBody) => Promise<Content | undefined>;
  stop: () => void;
}

export function useGeneration(): Generation {
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  async function write(kind: ContentKind, body: GenerateBody): Promise<Content | undefined> {
    if (running.current) return undefined;
    const abort = new AbortController();
    running.current = abort;
    setError(undefined);
    setProgress({ stage: 'started', characters: 0 });
    try {
      const { stream } = await api.generateContentStream({ path: { kind }, body, signal: abort.signal });
      for await (const event of stream) {
        if (event.type === 'started') setProgress({ stage: 'started', characters: 0, id: event.id });
        if (event.type === 'progress') setProgress((before) => ({ ...before, stage: event.stage, characters: event.characters }));
        if (event.type === 'problem') throw new Problem(event.problem.status, event.problem);
        if (event.type === 'content') {
          cache.removeQueries({ queryKey: pieceQuery(event.content.id).queryKey });
          return event.content;
        }
      }
    } catch (refused) {
      if (!abort.signal.aborted) setError(refused);
    } finally {
      running.current = undefined;
      setProgress(undefined);
      void cache.invalidateQueries({ queryKey: ['pieces'] });
      void cache.invalidateQueries({ queryKey: ['me'] });
    }
    return undefined;
  }

  return { progress, error, write, stop: () => running.current?.abort() };
}
