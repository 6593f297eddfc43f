// Whom to sign in with. It changes hardly ever, so the last answer is used at once and asked for again in the background.

import { Catalyst, type PublicConfig } from 'content-catalyst-sdk';

const KEPT = 'catalyst.config';

export async function loadConfig(): Promise<PublicConfig> {
  const kept = localStorage.getItem(KEPT);
  const asked = ask();
  if (!kept) return asked;
  asked.catch(() => undefined);
  return JSON.parse(kept) as PublicConfig;
}

async function ask(): Promise<PublicConfig> {
  const { data } = await new Catalyst({ url: location.origin, retries: 1 }).getConfig();
  const { supabase_url, supabase_publishable_key, version } = data;
  localStorage.setItem(KEPT, JSON.stringify({ supabase_url, supabase_publishable_key, version }));
  return data;
}
