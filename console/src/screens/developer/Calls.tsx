import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useCalls } from '../../api/calls.ts';
import { Badge } from '../../components/Badge.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { whole } from '../../i18n/numbers.ts';
import { Moment } from '../../time/Moment.tsx';
import styles from './Developer.module.css';
import { asCurl, asSdk, operationsOf } from './snippets.ts';

const operationsQuery = {
  queryKey: ['operations'],
  queryFn: async () => operationsOf((await api.getOpenapi()).data),
  staleTime: Number.POSITIVE_INFINITY,
};

/** What this tab has asked, with the ids that support asks for. */
export function Calls() {
  const calls = useCalls();
  const operations = useQuery(operationsQuery).data ?? [];
  return (
    <section className={`card ${styles.section}`} aria-labelledby="calls">
      <div>
        <h2 id="calls">
          <Trans>Requests of this tab</Trans>
        </h2>
        <p className="soft small">
          <Trans>Each has a number, to be named when asking for help. Copy one to do the same without the console.</Trans>
        </p>
      </div>
      <ul>
        {calls.map((call) => {
          const sdk = asSdk(call, operations);
          return (
            <li key={call.id} className={styles.call}>
              <b translate="no">{call.method}</b>
              <code>{call.path}</code>
              <Badge tone={call.status === undefined ? 'plain' : call.status < 400 ? 'good' : 'bad'}>{call.status ?? '…'}</Badge>
              <div className="row between">
                <span className="soft small">
                  <Moment at={call.at} only="time" />
                  {call.milliseconds === undefined ? '' : ` · ${whole(call.milliseconds)} ms`}
                  {call.requestId ? (
                    <>
                      {' · '}
                      <code>{call.requestId}</code>
                    </>
                  ) : null}
                </span>
                <span className="row">
                  <CopyButton kind="quiet" text={() => asCurl(call, location.origin)}>
                    <Trans>as curl</Trans>
                  </CopyButton>
                  {sdk ? (
                    <CopyButton kind="quiet" text={sdk}>
                      <Trans>as SDK</Trans>
                    </CopyButton>
                  ) : null}
                </span>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
