import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNote } from './ProblemNote.tsx';
import { Skeleton } from './Skeleton.tsx';

interface AskedProps<T> {
  query: UseQueryResult<T>;
  waiting?: ReactNode;
  children: (data: T) => ReactNode;
}

/** What was asked for: a placeholder, a problem, or the answer. An answer that is there stays, whatever becomes of the next. */
export function Asked<T>({ query, waiting = <Skeleton />, children }: AskedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ProblemNote error={query.error} again={() => void query.refetch()} />;
  return waiting;
}
