// A call as somebody else would write it.

import type { Call } from '../../api/calls.ts';

export interface Operation {
  id: string;
  method: string;
  /** `/api/channels/{id}` */
  path: string;
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** For a shell that has the access token in `TOKEN`. */
export function asCurl({ method, path, body, ifMatch }: Call, origin: string): string {
  const parts = [`curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(origin + path)}`, '-H "authorization: Bearer $TOKEN"'];
  if (ifMatch) parts.push(`-H ${quoted(`if-match: ${ifMatch}`)}`);
  if (method === 'POST') parts.push('-H "idempotency-key: $(uuidgen)"');
  if (body) parts.push("-H 'content-type: application/json'", `-d ${quoted(body)}`);
  return parts.join(' \\\n  ');
}

/** The operation of a path, and what stands in its placeholders; the one with the fewest placeholders when several fit. */
export function operationOf(operations: readonly Operation[], method: string, path: string): { operation: Operation; params: Record<string, string> } | undefined {
  const segments = path.split('/');
  const fits = operations.flatMap((operation) => {
    const wanted = operation.path.split('/');
    if (operation.method !== method || wanted.length !== segments.length) return [];
    const params: Record<string, string> = {};
    for (const [n, part] of wanted.entries()) {
      const name = /^\{(.+)\}$/.exec(part)?.[1];
      if (name) params[name] = decodeURIComponent(segments[n] ?? '');
      else if (part !== segments[n]) return [];
    }
    return [{ operation, params }];
  });
  return fits.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
}

const isEmpty = (object: object) => Object.keys(object).length === 0;

/** With the client of the SDK in `api`. */
export function asSdk(call: Call, operations: readonly Operation[]): string | undefined {
  const [path = '', search] = call.path.split('?');
  const found = operationOf(operations, call.method, path);
  if (!found) return undefined;
  const query = Object.fromEntries(new URLSearchParams(search));
  const options = {
    ...(isEmpty(found.params) ? {} : { path: found.params }),
    ...(isEmpty(query) ? {} : { query }),
    ...(call.ifMatch ? { headers: { 'If-Match': call.ifMatch } } : {}),
    ...(call.body ? { body: JSON.parse(call.body) as unknown } : {}),
  };
  const told = isEmpty(options) ? '' : JSON.stringify(options, null, 2).replace(/^(\s*)"(\w+)":/gm, '$1$2:');
  return `const { data } = await api.${found.operation.id}(${told});`;
}

interface Document {
  paths?: Record<string, Record<string, { operationId?: string } | undefined>>;
}

/** All operations of an OpenAPI document. */
export const operationsOf = (document: unknown): Operation[] =>
  Object.entries((document as Document).paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => (operation?.operationId ? [{ id: operation.operationId, method: method.toUpperCase(), path }] : [])),
  );
