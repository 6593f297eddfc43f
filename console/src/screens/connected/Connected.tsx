import { Trans } from '@lingui/react/macro';
import { type AnyRouter, Link, useRouter } from '@tanstack/react-router';
import { Problem } from 'content-catalyst-sdk';
import { type ReactNode, useEffect, useState } from 'react';
import { cache } from '../../api/cache.ts';
import { api } from '../../api/client.ts';
import { buttonLook } from '../../components/Button.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { currentSession } from '../../session/session.ts';
import { brought } from './brought.ts';
import styles from './Connected.module.css';

type Outcome = 'waiting' | 'nothing' | 'nobody' | { refused: unknown };

/** A code is good once, however often this is drawn. */
let finishing: Promise<Outcome> | undefined;

/** Posts what Google brought with the token of whoever is signed in here, so a consent that somebody else has started connects nothing. */
async function finish(router: AnyRouter): Promise<Outcome> {
  const { state, code, error } = brought;
  if (!state) return 'nothing';
  if (currentSession().is !== 'in') return 'nobody';
  try {
    const { data } = await api.finishConnection({ body: { state, code, error } });
    const next = new URL(data.return_to, location.origin);
    next.searchParams.set('connected', data.id);
    await cache.invalidateQueries({ queryKey: ['channels'] });
    if (next.origin === location.origin) await router.navigate({ href: `${next.pathname}${next.search}`, replace: true });
    else location.replace(next);
    return 'waiting';
  } catch (refused) {
    return { refused };
  }
}

export function Connected() {
  const router = useRouter();
  const [outcome, setOutcome] = useState<Outcome>('waiting');
  useEffect(() => {
    finishing ??= finish(router);
    void finishing.then(setOutcome);
  }, [router]);

  return (
    <main id="main" className={styles.page}>
      <div className={`card ${styles.card}`}>{shown(outcome)}</div>
    </main>
  );
}

function shown(outcome: Outcome): ReactNode {
  if (outcome === 'waiting') {
    return (
      <div role="status">
        <PageHeader title={<Trans>Connecting your channel…</Trans>} lead={<Trans>Google has answered. This takes a moment.</Trans>} />
      </div>
    );
  }
  if (outcome === 'nothing') {
    return (
      <>
        <PageHeader title={<Trans>Nothing to connect</Trans>} lead={<Trans>This page finishes a consent that was given at Google. Connect a channel from your channels.</Trans>} />
        <Onward />
      </>
    );
  }
  if (outcome === 'nobody') {
    return (
      <>
        <PageHeader
          title={<Trans>Sign in first</Trans>}
          lead={<Trans>Nobody is signed in in this browser, so the channel was not connected. Sign in, and connect it again.</Trans>}
        />
        <Link to="/sign-in" search={{ next: '/channels' }} className={buttonLook('main')}>
          <Trans>To the sign-in</Trans>
        </Link>
      </>
    );
  }
  const { refused } = outcome;
  return (
    <div className="stack">
      <PageHeader title={<Trans>The channel was not connected</Trans>} />
      {refused instanceof Problem ? <ProblemNote error={refused} /> : <p>{<Trans>The service cannot be reached. Connect the channel again in a moment.</Trans>}</p>}
      <Onward />
    </div>
  );
}

function Onward() {
  return (
    <p>
      <Link to="/channels" className={buttonLook('main')}>
        <Trans>To your channels</Trans>
      </Link>
    </p>
  );
}
