// Knows which operations were called, and keeps what was sent and answered, for the examples of the OpenAPI document.

import { writeFileSync } from 'node:fs';
import { Catalyst } from '../dist/index.js';

export const operations = Object.getOwnPropertyNames(Object.getPrototypeOf(Catalyst.prototype)).filter((name) => name !== 'constructor');
export const called = new Set();
const recorded = {};
let current;

/** A client whose calls are counted. */
export function recording(options) {
  const api = new Catalyst({ ...options, fetch: (request) => record(current, request) });
  return new Proxy(api, {
    get: (target, name) =>
      operations.includes(name)
        ? (...args) => {
            called.add(name);
            current = name;
            return target[name](...args);
          }
        : target[name],
  });
}

async function record(operation, request) {
  const [sent, response] = [await request.clone().text(), await fetch(request)];
  if (process.env.RECORD && response.ok) {
    const media = response.headers.get('content-type')?.split(';')[0];
    const example = (recorded[operation] ??= { answers: {} });
    if (sent) example.request ??= JSON.parse(sent);
    if (media) example.answers[media] ??= answer(media, await response.clone().text());
  }
  return response;
}

function answer(media, text) {
  if (media === 'application/json') return JSON.parse(text);
  if (media === 'text/event-stream') return JSON.parse(text.trim().split('\n\n').at(-1).match(/^data: ?(.*)$/m)[1]);
  return text.split('\n').slice(0, 12).join('\n');
}

/** Writes what was recorded, the same whoever recorded it and when. */
export function write(file, document) {
  recorded.getOpenapi.answers = { 'application/json': { openapi: document.openapi, info: document.info } };
  writeFileSync(file, `${steady(JSON.stringify(shorten(recorded), null, 1))}\n`);
}

/** Of a list two items tell as much as all. */
function shorten(value) {
  if (Array.isArray(value)) return value.slice(0, 2).map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, shorten(value[name])]));
}

function steady(text) {
  const ids = new Map();
  const id = (found) => {
    if (!ids.has(found)) ids.set(found, `0198c0de-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`);
    return ids.get(found);
  };
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, id)
    .replace(/whsec_[A-Za-z0-9+/=]+/g, 'whsec_c2VjcmV0IG9mIHRoZSBleGFtcGxl')
    .replace(/\b(token|secret|state|code_challenge)=[\w-]{16,}/g, '$1=example')
    .replace(/"(code|state)": "[^" ]{20,}"/g, '"$1": "example"')
    .replace(/calendar\/[\w-]{20,}\.ics/g, 'calendar/example.ics')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'https://app.example.com')
    .replace(/http%3A%2F%2F127\.0\.0\.1%3A\d+/g, 'https%3A%2F%2Fapp.example.com');
}
