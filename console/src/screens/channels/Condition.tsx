import { Trans } from '@lingui/react/macro';
import type { SeenChannel } from '../../api/channels.ts';
import { ConnectButton } from '../../channels/ConnectButton.tsx';
import { SyncProgress } from '../../channels/SyncProgress.tsx';
import { Notice } from '../../components/Notice.tsx';
import { conditionOf } from './condition.ts';
import { SyncButton } from './SyncButton.tsx';

/** What is wrong with a channel, if anything is, and what helps. */
export function Condition({ channel }: { channel: SeenChannel }) {
  const { state, causes, cure } = conditionOf(channel);
  if (state === 'erasing') {
    return (
      <Notice>
        <Trans>Everything stored about this channel is being erased. It disappears from here when that is done.</Trans>
      </Notice>
    );
  }
  return (
    <>
      {causes.length > 0 ? (
        <Notice tone={state === 'disconnected' ? 'bad' : 'warn'}>
          {/* In the API's own words, which are English. */}
          {causes.map(({ code, message }) => (
            <p key={code} lang="en">
              {message}
            </p>
          ))}
          {cure === 'connect' ? <ConnectButton channel={channel.id} returnTo={`/channels/${channel.id}`} /> : null}
          {cure === 'sync' ? (
            <div className="row">
              <SyncButton channel={channel} />
            </div>
          ) : null}
        </Notice>
      ) : null}
      {channel.sync.state === 'failed' ? null : <SyncProgress channel={channel} />}
    </>
  );
}
