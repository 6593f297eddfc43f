import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import type { SeenChannel } from '../api/channels.ts';
import { Asked } from '../components/Asked.tsx';
import { Empty } from '../components/Empty.tsx';
import { ConnectButton } from './ConnectButton.tsx';
import { useChannel } from './useChannel.ts';

/** For screens that are about one channel: waits for it, and says what to do while there is none. */
export function WithChannel({ children }: { children: (channel: SeenChannel) => ReactNode }) {
  const { query, channel } = useChannel();
  return <Asked query={query}>{() => (channel ? children(channel) : <NoChannel />)}</Asked>;
}

const NoChannel = () => (
  <Empty icon="channels" title={<Trans>No channel is connected yet</Trans>} action={<ConnectButton />}>
    <p>
      <Trans>Google will ask you what this service may do; you can end it at any time. Then your videos are read, and each is compared with your own earlier ones.</Trans>
    </p>
  </Empty>
);
