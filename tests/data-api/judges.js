// Two implementations of the Data API on the same database: the stack's own, and @supabase/lite in this process.

import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';

const { CLOCK_FILE, DATABASE_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY } = process.env;
const secrets = CLOCK_FILE && JSON.parse(readFileSync(join(dirname(CLOCK_FILE), 'secrets.json')));

/** A token of this user that both take: signed with the project's shared secret. */
export function token(user) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: `${SUPABASE_URL}/auth/v1`, aud: 'authenticated', role: 'authenticated', sub: user, session_id: user, iat: now, exp: now + 3600 };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const message = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${message}.${createHmac('sha256', secrets.jwt_secret).update(message).digest('base64url')}`;
}

/** Each judge takes a request as `fetch` does. */
export async function judges() {
  const connection = createPostgresConnection({ url: DATABASE_URL });
  // Its own preparation of a database grants everything to everybody; this one is prepared by the migrations.
  connection.ensureRlsContext = async () => true;
  const app = new App({
    connection,
    api: { schemas: ['public', 'engine'], max_rows: 1000 },
    auth: {
      enabled: true,
      jwt_secret: secrets.jwt_secret,
      publishable_key: SUPABASE_PUBLISHABLE_KEY,
      secret_key: SUPABASE_SECRET_KEY,
    },
    options: { server: { disableStudio: true } },
  });
  return {
    ours: fetch,
    lite: (input, init) => app.fetch(new Request(input, init)),
    close: () => connection.close(),
  };
}

/** Times as PostgREST writes them: the second judge writes them as Postgres does, and the first fills the fraction with zeros. */
function timed(value) {
  if (Array.isArray(value)) return value.map(timed);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, timed(one)]));
  const found = typeof value === 'string' && /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+?)0*)?(?:\+00(?::00)?)?$/.exec(value);
  return found ? `${found[1]}T${found[2]}${found[3] ? `.${found[3]}` : ''}` : value;
}

/** What is compared of an answer. */
export async function said(response) {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    range: response.headers.get('content-range'),
    body: /json/.test(type) && text ? timed(JSON.parse(text)) : text,
  };
}
