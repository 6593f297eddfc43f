import { Trans } from '@lingui/react/macro';
import { WithChannel } from '../../channels/WithChannel.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Begin } from './Begin.tsx';
import { Pieces } from './Pieces.tsx';

export function Create() {
  return (
    <>
      <PageHeader title={<Trans>Create</Trans>} lead={<Trans>From an idea to a script that your channel's own results speak for.</Trans>} />
      <WithChannel>
        {(channel) => (
          <div className="stack">
            <Begin channel={channel} />
            <Pieces channel={channel} />
          </div>
        )}
      </WithChannel>
    </>
  );
}
