// Who is signed in, in this tab and in all others of this browser. The session lies where supabase-js keeps it; its library is
// large and needed only to sign in, to renew and to sign out, so it comes after the first screen.

import type { GoTrueClient, Session } from '@supabase/auth-js';
import type { PublicConfig } from 'content-catalyst-sdk';
import { useSyncExternalStore } from 'react';
import { markSignedIn } from './mark.ts';

export interface Person {
  id: string;
  email: string;
  isOperator: boolean;
}

/** `ended`: the session is over although nobody signed out; what is on the screen stays until somebody signs in again. */
export type State = { is: 'out' } | { is: 'in' | 'ended'; person: Person };

/** A token that ends within so many seconds is renewed before it is sent. */
const MARGIN = 60;

/** What the sign-in service answers when it will not renew a session, now or later. */
const OVER = [400, 401, 403, 404];

let config: PublicConfig | undefined;
let service: Promise<GoTrueClient> | undefined;
let state: State = { is: 'out' };
const listeners = new Set<() => void>();
const tabs = new BroadcastChannel('catalyst.session');

function become(next: State) {
  state = next;
  listeners.forEach((listener) => listener());
}

const personOf = ({ user }: Session): Person => ({
  id: user.id,
  email: user.email ?? '',
  isOperator: user.app_metadata.role === 'admin',
});

/** The name that supabase-js gives the session, so that other pages of this origin know it. */
const storageKey = (url: string) => `sb-${new URL(url).hostname.split('.')[0]}-auth-token`;

function stored(): Session | undefined {
  if (!config) return undefined;
  try {
    const session = JSON.parse(localStorage.getItem(storageKey(config.supabase_url)) ?? 'null') as Session | null;
    return session?.access_token && session.user ? session : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the session that this browser keeps, and asks nobody. */
export function openSession(found: PublicConfig): void {
  config = found;
  const session = stored();
  if (session) become({ is: 'in', person: personOf(session) });
  markSignedIn(session !== undefined);
  tabs.onmessage = () => leave();
}

/** The sign-in service's client; it renews the session from then on, and hears of other tabs. */
export function signInService(): Promise<GoTrueClient> {
  service ??= openService();
  return service;
}

async function openService(): Promise<GoTrueClient> {
  if (!config) throw new Error('openSession comes first');
  const { GoTrueClient } = await import('@supabase/auth-js');
  const auth = new GoTrueClient({
    url: `${config.supabase_url.replace(/\/+$/, '')}/auth/v1`,
    headers: { apikey: config.supabase_publishable_key },
    storageKey: storageKey(config.supabase_url),
    detectSessionInUrl: false,
    flowType: 'pkce',
  });
  auth.onAuthStateChange((event, session) => {
    if (session) {
      const person = personOf(session);
      if (state.is !== 'in' || state.person.id !== person.id) become({ is: 'in', person });
      markSignedIn(true);
    } else if (event === 'SIGNED_OUT') {
      endSession();
    }
  });
  return auth;
}

/** The token to send; `refused` says that the last one has expired. */
export async function accessToken(refused: boolean): Promise<string | undefined> {
  const session = stored();
  if (session && !refused && (session.expires_at ?? 0) > Date.now() / 1000 + MARGIN) return session.access_token;
  if (!config) return undefined;
  const auth = await signInService();
  const { data, error } = await (refused ? auth.refreshSession() : auth.getSession());
  // The library keeps a session whose token has time left by the clock, whatever the API says of it.
  if (refused && error && OVER.includes(error.status ?? 0)) endSession();
  return data.session?.access_token;
}

/** The session does not hold any more: what is on the screen stays until somebody signs in again. */
export function endSession(): void {
  if (state.is === 'in') become({ is: 'ended', person: state.person });
}

/** Ends the session in every tab, also when the service cannot be reached. */
export async function signOut(): Promise<void> {
  const auth = await signInService();
  await auth.signOut({ scope: 'local' });
  tabs.postMessage('out');
  leave();
}

function leave() {
  markSignedIn(false);
  become({ is: 'out' });
}

export const currentSession = (): State => state;

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSession = (): State => useSyncExternalStore(onSessionChange, currentSession);

const NOBODY: Person = { id: '', email: '', isOperator: false };

/** Whoever is signed in; only for screens that nobody else sees. */
export function usePerson(): Person {
  const now = useSession();
  return now.is === 'out' ? NOBODY : now.person;
}
