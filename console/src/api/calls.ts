// What this tab has asked of the API lately, for those who build on it. It is kept nowhere else.

import { useSyncExternalStore } from 'react';

export interface Call {
  id: number;
  /** In milliseconds. */
  at: number;
  method: string;
  /** With its query. */
  path: string;
  body?: string;
  ifMatch?: string;
  /** Absent while it runs, and when nothing answered. */
  status?: number;
  requestId?: string;
  milliseconds?: number;
}

const KEPT = 40;

let calls: readonly Call[] = [];
let last = 0;
const listeners = new Set<() => void>();

function become(next: readonly Call[]) {
  calls = next;
  listeners.forEach((listener) => listener());
}

/** Sends a request, and notes what became of it. */
export async function noted(request: Request, send: (request: Request) => Promise<Response>): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const call: Call = { id: ++last, at: Date.now(), method: request.method, path: pathname + search, ifMatch: request.headers.get('if-match') ?? undefined };
  const begun = performance.now();
  const body = request.method === 'GET' ? undefined : request.clone().text();
  become([call, ...calls].slice(0, KEPT));
  const ended = async (some: Partial<Call>) => {
    const whole = { ...call, ...some, body: (await body) || undefined, milliseconds: performance.now() - begun };
    become(calls.map((each) => (each.id === call.id ? whole : each)));
  };
  try {
    const response = await send(request);
    void ended({ status: response.status, requestId: response.headers.get('x-request-id') ?? undefined });
    return response;
  } catch (error) {
    void ended({});
    throw error;
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The newest first. */
export const useCalls = () => useSyncExternalStore(subscribe, () => calls);
