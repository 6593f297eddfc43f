import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Metrics } from 'content-catalyst-sdk';
import { metricsQuery } from '../../api/operator.ts';
import { Asked } from '../../components/Asked.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Moment } from '../../time/Moment.tsx';
import { Alerts } from './Alerts.tsx';
import { Failures } from './Failures.tsx';
import { HealthPanel } from './HealthPanel.tsx';
import styles from './Operator.module.css';
import { Providers } from './Providers.tsx';
import { Queue } from './Queue.tsx';
import { QuotaPanel } from './QuotaPanel.tsx';
import { Traffic } from './Traffic.tsx';

export function Operator() {
  const metrics = useQuery(metricsQuery);
  return (
    <>
      <PageHeader
        title={<Trans>Operator</Trans>}
        lead={
          metrics.data ? (
            <Trans>
              As of <Moment at={metrics.data.timestamp} />; renewed every half minute.
            </Trans>
          ) : (
            <Trans>What needs whoever runs this deployment.</Trans>
          )
        }
      />
      <Asked query={metrics} waiting={<Skeleton lines={6} tall />}>
        {(data) => (
          <div className="stack">
            {metrics.isError ? <ProblemNote error={metrics.error} again={() => void metrics.refetch()} /> : null}
            <Panels metrics={data} />
          </div>
        )}
      </Asked>
    </>
  );
}

const Panels = ({ metrics }: { metrics: Metrics }) => (
  <>
    <Alerts incidents={metrics.incidents} />
    <Failures />
    <div className={styles.columns}>
      <HealthPanel metrics={metrics} />
      <Queue pipeline={metrics.pipeline} />
    </div>
    <div className={styles.columns}>
      <QuotaPanel usage={metrics.api_usage} />
      <Providers usage={metrics.api_usage} />
    </div>
    <Traffic metrics={metrics} />
  </>
);
