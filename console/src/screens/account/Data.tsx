import { Plural, Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { Confirm } from '../../components/Confirm.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { signOut } from '../../session/session.ts';
import styles from './Account.module.css';
import { download, exportAll } from './exportAll.ts';

/** Takes everything out, or ends the account. */
export function Data({ email }: { email: string }) {
  const [rows, setRows] = useState(0);
  const [asks, setAsks] = useState(false);
  const take = useMutation({
    mutationFn: () => exportAll(setRows),
    onMutate: () => setRows(0),
    onSuccess: (file) => download(file, `content-catalyst-${new Date().toISOString().slice(0, 10)}.ndjson`),
  });
  const erase = useMutation({ mutationFn: () => api.deleteMe(), onSuccess: () => signOut() });
  return (
    <section className={`card ${styles.section}`} aria-labelledby="data">
      <h2 id="data">
        <Trans>Your data</Trans>
      </h2>
      <p className="soft">
        <Trans>The file holds everything that is stored about you and your channels, one JSON object a line. Secrets stay behind.</Trans>
      </p>
      <ProblemNote error={take.error} again={() => take.mutate()} />
      <div className="row">
        <Button busy={take.isPending} onClick={() => take.mutate()}>
          <Trans>Take out everything</Trans>
        </Button>
        <span className="soft small" role="status">
          {rows > 0 ? <Plural value={rows} one="# row" other="# rows" /> : null}
        </span>
      </div>
      <div className="row">
        <Button kind="danger" onClick={() => setAsks(true)}>
          <Trans>Erase my account…</Trans>
        </Button>
      </div>
      {asks ? (
        <Confirm
          title={<Trans>Erase your account?</Trans>}
          deed={<Trans>Erase everything</Trans>}
          phrase={email}
          busy={erase.isPending || erase.isSuccess}
          error={erase.error}
          onConfirm={() => erase.mutate()}
          onClose={() => {
            setAsks(false);
            erase.reset();
          }}
        >
          <ul className="stack">
            <li>
              <Trans>Your channels here, with history, texts, films and schedule, are erased, and their permissions at Google end.</Trans>
            </li>
            <li>
              <Trans>What is scheduled does not go out; what is public on YouTube stays there.</Trans>
            </li>
            <li>
              <Trans>Nobody can bring it back. Take out everything first if you want to keep it.</Trans>
            </li>
          </ul>
        </Confirm>
      ) : null}
    </section>
  );
}
