import { signInService, signOut } from './session.ts';

/** Ends every other session of this person; whoever holds one is out when its token ends, within an hour. */
export async function signOutElsewhere(): Promise<void> {
  const { error } = await (await signInService()).signOut({ scope: 'others' });
  if (error) throw error;
}

/** Ends all sessions, this one too. */
export async function signOutEverywhere(): Promise<void> {
  await signOutElsewhere();
  await signOut();
}
