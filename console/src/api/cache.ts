// The query cache, kept in this browser so that the last state can be read offline, and forgotten when somebody signs out.

import { Problem } from 'content-catalyst-sdk';
import { QueryClient } from '@tanstack/react-query';

export const DAY = 86_400_000;

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: DAY,
      // The client repeats what may be repeated.
      retry: false,
      networkMode: 'always',
    },
    // A change is never put off until there is a network again.
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** Whether nothing answered at all. */
export const isUnreachable = (error: unknown): boolean => !(error instanceof Problem) && error instanceof TypeError;
