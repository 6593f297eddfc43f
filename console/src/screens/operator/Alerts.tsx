import { Trans, useLingui } from '@lingui/react/macro';
import type { Incident } from 'content-catalyst-sdk';
import { Notice } from '../../components/Notice.tsx';
import { Ago } from '../../time/Ago.tsx';
import styles from './Operator.module.css';
import { RUNBOOKS } from './runbooks.ts';

/** What operators were notified of and is not over, each with what to do. */
export function Alerts({ incidents }: { incidents: Incident[] }) {
  const { i18n } = useLingui();
  const open = new Set(incidents.map(({ kind }) => kind));
  return (
    <section className={`card ${styles.section}`} aria-labelledby="alerts">
      <h2 id="alerts">
        <Trans>Alerts</Trans>
      </h2>
      {incidents.length === 0 ? (
        <Notice tone="good">
          <Trans>Nothing needs you.</Trans>
        </Notice>
      ) : null}
      {incidents.map(({ kind, subject, summary, opened_at }) => {
        const runbook = RUNBOOKS[kind];
        return (
          <div key={`${kind} ${subject}`} className={styles.alert}>
            <div className="row between">
              <h3>
                {runbook ? i18n._(runbook.title) : kind}
                {subject ? `: ${subject}` : ''}
              </h3>
              <span className="small">
                <Trans>
                  since <Ago at={opened_at} />
                </Trans>
              </span>
            </div>
            <p lang="en">{summary}</p>
            {runbook ? <p>{i18n._(runbook.todo)}</p> : null}
          </div>
        );
      })}
      <details>
        <summary>
          <Trans>All runbooks</Trans>
        </summary>
        <dl className={styles.list}>
          {Object.entries(RUNBOOKS)
            .filter(([kind]) => !open.has(kind))
            .map(([kind, { title, todo }]) => (
              <div key={kind}>
                <dt>
                  <b>{i18n._(title)}</b> <code className="small soft">{kind}</code>
                </dt>
                <dd>{i18n._(todo)}</dd>
              </div>
            ))}
        </dl>
      </details>
    </section>
  );
}
