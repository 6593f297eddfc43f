// The one client of the API. What it answers is kept by the query cache; the browser's own cache is always asked whether it
// still holds, so that nobody sees what a change has just replaced.

import { Catalyst, Problem } from 'content-catalyst-sdk';
import { accessToken, endSession } from '../session/session.ts';
import { noted } from './calls.ts';

export const api = new Catalyst({
  url: location.origin,
  token: accessToken,
  fetch: (request) => noted(request, send),
});

async function send(request: Request): Promise<Response> {
  const response = await fetch(request, request.method === 'GET' ? { cache: 'no-cache' } : {});
  // Renewing does not help a token that was never valid here.
  if (response.status === 401 && (await Problem.of(response)).code === 'token_invalid') endSession();
  return response;
}

/** Headers of a change that is refused when the object is no longer at this version. */
export const ifVersion = ({ version }: { version: number }) => ({ 'If-Match': `"v${version}"` });
