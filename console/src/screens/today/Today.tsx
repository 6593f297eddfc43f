import { Trans } from '@lingui/react/macro';
import { SyncProgress } from '../../channels/SyncProgress.tsx';
import { WithChannel } from '../../channels/WithChannel.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { GoesOut } from './GoesOut.tsx';
import { NeedsYou } from './NeedsYou.tsx';
import { JustConnected } from './JustConnected.tsx';
import { StoodOut } from './StoodOut.tsx';
import styles from './Today.module.css';

export function Today() {
  return (
    <>
      <PageHeader title={<Trans>Today</Trans>} />
      <WithChannel>
        {(channel) => (
          <div className={styles.today}>
            <div className={`stack ${styles.all}`}>
              <JustConnected />
              <SyncProgress channel={channel} />
              <NeedsYou channel={channel} />
            </div>
            <GoesOut channel={channel} />
            <StoodOut channel={channel} />
          </div>
        )}
      </WithChannel>
    </>
  );
}
