// The one client of the API. What it answers is kept by the query cache; the browser's own cache is always asked whether it
// still holds, so that nobody sees what a change has just replaced.

import { Catalyst } from 'content-catalyst-sdk';
import { accessToken } from '../session/session.ts';
import { noted } from './calls.ts';

export const api = new Catalyst({
  url: location.origin,
  token: accessToken,
  fetch: (request) => noted(request, (each) => fetch(each, each.method === 'GET' ? { cache: 'no-cache' } : {})),
});

/** Headers of a change that is refused when the object is no longer at this version. */
export const ifVersion = ({ version }: { version: number }) => ({ 'If-Match': `"v${version}"` });
