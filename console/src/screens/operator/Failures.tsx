import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Action, StepFailure } from 'content-catalyst-sdk';
import { useState } from 'react';
import { failuresQuery } from '../../api/operator.ts';
import { Asked } from '../../components/Asked.tsx';
import { Badge } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Ago } from '../../time/Ago.tsx';
import styles from './Operator.module.css';
import { Settle } from './Settle.tsx';

/** Work that used up its attempts. */
export function Failures() {
  const query = useQuery(failuresQuery);
  const [asked, setAsked] = useState<{ failure: StepFailure; action: Action }>();
  return (
    <section className={`card ${styles.section}`} aria-labelledby="failures">
      <div className="row">
        <h2 id="failures">
          <Trans>Failed steps</Trans>
        </h2>
        {query.data?.length ? <Badge tone="bad">{query.data.length}</Badge> : null}
      </div>
      <Asked query={query} waiting={<Skeleton lines={2} />}>
        {(failures) =>
          failures.length === 0 ? (
            <p className="soft">
              <Trans>None to settle.</Trans>
            </p>
          ) : (
            <ul className={styles.list}>
              {failures.map((failure) => (
                <li key={failure.id} className={styles.failure}>
                  <div className="row between">
                    <code>{failure.kind}</code>
                    <span className="soft small">
                      <Ago at={failure.died_at} /> · <Plural value={failure.attempts} one="# attempt" other="# attempts" />
                    </span>
                  </div>
                  <p lang="en">{failure.cause.message}</p>
                  <p className="soft" lang="en">
                    {failure.next_action.advice}
                  </p>
                  {failure.request_id ? (
                    <p className="small soft">
                      <Trans>Request</Trans> <code>{failure.request_id}</code>
                    </p>
                  ) : null}
                  <div className="row">
                    <Button size="s" kind={failure.next_action.action === 'retry' ? 'main' : 'plain'} onClick={() => setAsked({ failure, action: 'retry' })}>
                      <Trans>Put it back to work…</Trans>
                    </Button>
                    <Button size="s" kind={failure.next_action.action === 'discard' ? 'main' : 'plain'} onClick={() => setAsked({ failure, action: 'discard' })}>
                      <Trans>Close it…</Trans>
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
      {asked ? <Settle {...asked} onClose={() => setAsked(undefined)} /> : null}
    </section>
  );
}
