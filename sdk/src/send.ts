import { Problem } from './problem.js';

/** Gives the access token to send. `refused` says that the last one has expired. */
export type TokenProvider = (refused: boolean) => string | null | undefined | Promise<string | null | undefined>;

export interface SendOptions {
  /** Absent for operations that need nobody signed in. */
  token?: TokenProvider;
  /** How often a request is repeated at most; 2 unless said otherwise. */
  retries?: number;
  /** Longest wait for a repetition in seconds; 20 unless said otherwise. A `Retry-After` beyond it ends the attempts. */
  patience?: number;
  fetch?: (request: Request) => Promise<Response>;
}

/**
 * A fetch that attaches the token and repeats what may be repeated: reads; what carries an Idempotency-Key; and anything
 * that was refused before it began. Whatever may have been done is never sent a second time.
 */
export function sender(options: SendOptions): (request: Request) => Promise<Response> {
  const { token, retries = 2, patience = 20 } = options;
  const send = options.fetch ?? ((request) => fetch(request));
  return async (request) => {
    let refused = false;
    for (let attempt = 0; ; attempt++) {
      const copy = request.clone();
      if (token && !request.headers.has('authorization')) {
        const value = await token(refused);
        if (value) copy.headers.set('authorization', `Bearer ${value}`);
      }
      let response: Response | undefined;
      let problem: Problem | undefined;
      try {
        response = await send(copy);
        if (response.ok || response.status === 304) return response;
        problem = await Problem.of(response);
      } catch (error) {
        if (request.signal.aborted || attempt >= retries || !isRepeatable(request, problem)) throw error;
      }
      if (response && problem) {
        if (problem.code === 'token_expired' && token && !refused) {
          refused = true;
          continue;
        }
        if (attempt >= retries || !isRepeatable(request, problem)) return response;
      }
      const wait = problem?.retryAfter ?? 0.25 * 2 ** attempt * (1 + Math.random());
      if (response && wait > patience) return response;
      await pause(wait, request.signal);
    }
  };
}

/** Without a problem there was no answer at all. */
function isRepeatable(request: Request, problem?: Problem): boolean {
  if (problem?.code === 'rate_limited') return true;
  if (problem && !problem.retryable) return false;
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  // The stored answer of a key is final; what else says "later" came before anything was stored.
  return request.headers.has('idempotency-key') && (!problem || [409, 429, 503, 504].includes(problem.status));
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
