import { Trans } from '@lingui/react/macro';
import type { Pipeline } from 'content-catalyst-sdk';
import { Facts } from '../../components/Facts.tsx';
import { formats } from '../../i18n/i18n.ts';
import { whole } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import styles from './Operator.module.css';

const seconds = (value: number) =>
  new Intl.NumberFormat(formats(), { style: 'unit', unit: value >= 120 ? 'minute' : 'second', unitDisplay: 'short', maximumFractionDigits: 0 }).format(value >= 120 ? value / 60 : value);

/** How much work waits, and for how long. */
export function Queue({ pipeline }: { pipeline: Pipeline }) {
  const { due, running, waiting, dead, oldest_due_seconds: oldest, last_dispatch_at: dispatched, queues } = pipeline;
  return (
    <section className={`card ${styles.section}`} aria-labelledby="queue">
      <h2 id="queue">
        <Trans>Work</Trans>
      </h2>
      <Facts
        facts={[
          { key: 'oldest', name: <Trans>Oldest due waits</Trans>, value: oldest == null ? '–' : seconds(oldest) },
          { key: 'due', name: <Trans>Due</Trans>, value: whole(due) },
          { key: 'running', name: <Trans>Running</Trans>, value: whole(running) },
          { key: 'waiting', name: <Trans>Waiting</Trans>, value: whole(waiting) },
          { key: 'dead', name: <Trans>Failed</Trans>, value: whole(dead) },
        ]}
      />
      <p className="soft small">
        {dispatched ? (
          <Trans>
            Dispatched <Ago at={dispatched} />.
          </Trans>
        ) : (
          <Trans>Nothing was dispatched yet.</Trans>
        )}{' '}
        {Object.entries(queues)
          .map(([queue, messages]) => `${queue} ${whole(messages)}`)
          .join(' · ')}
      </p>
    </section>
  );
}
