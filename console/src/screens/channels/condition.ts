// How a channel is: one state, the causes in the API's words, and the one thing that helps.

import type { Attention, SeenChannel } from '../../api/channels.ts';
import { isSyncing } from '../../api/channels.ts';

export type State = 'well' | 'reading' | 'incomplete' | 'disconnected' | 'erasing';
export type Cure = 'connect' | 'sync';

export interface Condition {
  state: State;
  causes: Attention[];
  cure?: Cure;
}

const cureOf = (code: string): Cure | undefined => {
  if (code === 'reconnect' || code === 'purge_pending' || code.startsWith('permission_')) return 'connect';
  return code === 'sync_failed' ? 'sync' : undefined;
};

export function conditionOf(channel: SeenChannel): Condition {
  const causes = channel.attention ?? [];
  const cures = causes.map(({ code }) => cureOf(code));
  // A new consent starts a reading as well.
  const cure = cures.find((each) => each === 'connect') ?? cures.find(Boolean);
  return { state: stateOf(channel, causes), causes, cure };
}

function stateOf(channel: SeenChannel, causes: Attention[]): State {
  if (channel.state !== 'connected') return channel.state;
  if (causes.length > 0) return 'incomplete';
  return isSyncing(channel) ? 'reading' : 'well';
}
