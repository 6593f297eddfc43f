import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react';
import { Badge, type Tone } from '../../components/Badge.tsx';
import type { State } from './condition.ts';

const WORDS: Record<State, [Tone, MessageDescriptor]> = {
  well: ['good', msg`Connected`],
  reading: ['calm', msg`Reading videos`],
  incomplete: ['warn', msg`Needs a look`],
  disconnected: ['bad', msg`Not connected`],
  erasing: ['plain', msg`Being erased`],
};

export function StateBadge({ state }: { state: State }) {
  const { _ } = useLingui();
  const [tone, words] = WORDS[state];
  return <Badge tone={tone}>{_(words)}</Badge>;
}
