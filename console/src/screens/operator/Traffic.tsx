import { Trans } from '@lingui/react/macro';
import type { Metrics } from 'content-catalyst-sdk';
import { Facts } from '../../components/Facts.tsx';
import { share, whole } from '../../i18n/numbers.ts';
import { Moment } from '../../time/Moment.tsx';
import styles from './Operator.module.css';

const took = (milliseconds: number | null | undefined) => (milliseconds == null ? '–' : `${whole(milliseconds)} ms`);

/** What the API answered in 24 hours, and the newest requests that failed. */
export function Traffic({ metrics: { application, errors, user_activity: users } }: { metrics: Metrics }) {
  return (
    <section className={`card ${styles.section}`} aria-labelledby="traffic">
      <h2 id="traffic">
        <Trans>Requests in 24 hours</Trans>
      </h2>
      <Facts
        facts={[
          { key: 'requests', name: <Trans>Requests</Trans>, value: whole(application.requests_24h) },
          { key: 'errors', name: <Trans>Failed on our side</Trans>, value: share(application.error_rate) },
          { key: 'p50', name: <Trans>Half are faster than</Trans>, value: took(application.response_time.p50) },
          { key: 'p95', name: <Trans>95 % are faster than</Trans>, value: took(application.response_time.p95) },
          { key: 'users', name: <Trans>People active</Trans>, value: `${whole(users.active_24h)} / ${whole(users.total)}` },
        ]}
      />
      {errors.recent.length === 0 ? (
        <p className="soft">
          <Trans>No request failed on our side.</Trans>
        </p>
      ) : (
        <div className={styles.scroll} tabIndex={0} role="group" aria-labelledby="traffic">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">
                  <Trans>When</Trans>
                </th>
                <th scope="col">
                  <Trans>Operation</Trans>
                </th>
                <th scope="col">
                  <Trans>Status</Trans>
                </th>
                <th scope="col">
                  <Trans>Code</Trans>
                </th>
                <th scope="col">
                  <Trans>Request</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {errors.recent.map((failed) => (
                <tr key={failed.request_id}>
                  <td>
                    <Moment at={failed.at} />
                  </td>
                  <td>
                    <code>{failed.operation}</code>
                  </td>
                  <td>{failed.status}</td>
                  <td>{failed.code ?? '–'}</td>
                  <td>
                    <code>{failed.request_id}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
