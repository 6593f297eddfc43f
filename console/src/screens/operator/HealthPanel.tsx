import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { HealthStatus, Metrics } from 'content-catalyst-sdk';
import { healthQuery } from '../../api/operator.ts';
import { Asked } from '../../components/Asked.tsx';
import { Badge, type Tone } from '../../components/Badge.tsx';
import { Facts } from '../../components/Facts.tsx';
import { share, short } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import styles from './Operator.module.css';

const WORDS: Record<HealthStatus, [Tone, MessageDescriptor]> = {
  healthy: ['good', msg`Healthy`],
  degraded: ['warn', msg`Degraded`],
  unhealthy: ['bad', msg`Unhealthy`],
};

const LATE = 26 * 3_600_000;

/** How the deployment is, and whether it could be brought back. */
export function HealthPanel({ metrics }: { metrics: Metrics }) {
  const { i18n } = useLingui();
  const health = useQuery(healthQuery);
  const backup = metrics.pipeline.last_verified_backup_at;
  const isLate = !backup || Date.parse(metrics.timestamp) - Date.parse(backup) > LATE;
  const { database, application } = metrics;
  const uptime = application.uptime.last_24h;
  return (
    <section className={`card ${styles.section}`} aria-labelledby="health">
      <div className="row between">
        <h2 id="health">
          <Trans>Health</Trans>
        </h2>
        {health.data ? <Badge tone={WORDS[health.data.status][0]}>{i18n._(WORDS[health.data.status][1])}</Badge> : null}
      </div>
      <Asked query={health} waiting={null}>
        {({ version, services }) => (
          <Facts
            facts={[
              { key: 'version', name: <Trans>Version</Trans>, value: version },
              { key: 'database', name: <Trans>Database answers in</Trans>, value: services.database.response_time == null ? '–' : `${Math.round(services.database.response_time)} ms` },
              { key: 'uptime', name: <Trans>Up in 24 hours</Trans>, value: uptime ? share(uptime.ratio) : <Trans>not measured</Trans> },
              { key: 'connections', name: <Trans>Connections</Trans>, value: `${database.connections} / ${database.connections_max}` },
              { key: 'size', name: <Trans>Database size</Trans>, value: `${short(database.size_bytes / 1_000_000)} MB` },
            ]}
          />
        )}
      </Asked>
      <div className="row">
        <span>
          <Trans>Last verified backup</Trans>: {backup ? <Ago at={backup} /> : <Trans>none yet</Trans>}
        </span>
        {isLate ? (
          <Badge tone="warn">
            <Trans>late</Trans>
          </Badge>
        ) : (
          <Badge tone="good">
            <Trans>in time</Trans>
          </Badge>
        )}
      </div>
    </section>
  );
}
