import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import type { ContentDetail, Script } from 'content-catalyst-sdk';
import { useState } from 'react';
import { useGeneration } from '../../api/generate.ts';
import { Button } from '../../components/Button.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Writing } from '../../components/Writing.tsx';
import styles from './ScriptView.module.css';

type Part = 'hook' | 'beats' | 'call_to_action';

/** A script as it is spoken, with what is seen meanwhile; each part can be written anew. */
export function ScriptView({ piece, script }: { piece: ContentDetail; script: Script }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const generation = useGeneration();
  const [part, setPart] = useState<Part>();

  async function rewrite(which: Part) {
    setPart(which);
    const content = await generation.write('script', { channel_id: piece.channel_id, regenerate: piece.id, part: which });
    if (content) await navigate({ to: '/content/$id', params: { id: content.id } });
  }

  const again = (which: Part, name: string) =>
    part === which && generation.progress ? (
      <Writing progress={generation.progress} stop={generation.stop} />
    ) : (
      <>
        {part === which ? <ProblemNote error={generation.error} /> : null}
        <Button size="s" kind="quiet" off={generation.progress !== undefined} onClick={() => void rewrite(which)}>
          {name}
        </Button>
      </>
    );

  return (
    <article className={`card ${styles.script}`}>
      {script.estimated_seconds ? (
        <p className="soft small">
          <Trans>
            About <Plural value={script.estimated_seconds} one="# second" other="# seconds" /> when spoken
          </Trans>
        </p>
      ) : null}
      <section className={styles.part}>
        <h2>
          <Trans>Hook</Trans>
        </h2>
        <p className={styles.spoken}>{script.hook}</p>
        <div className={styles.again}>{again('hook', t`Write another hook`)}</div>
      </section>
      <section className={styles.part}>
        <ol className={styles.beats}>
          {script.beats.map((beat) => (
            <li key={beat.heading}>
              <h3>{beat.heading}</h3>
              <p className={styles.spoken}>{beat.spoken}</p>
              <p className={styles.visual}>
                <span className="unseen">
                  <Trans>Seen:</Trans>
                </span>
                {beat.visual}
              </p>
            </li>
          ))}
        </ol>
        <div className={styles.again}>{again('beats', t`Write the middle anew`)}</div>
      </section>
      <section className={styles.part}>
        <h2>
          <Trans>At the end</Trans>
        </h2>
        <p className={styles.spoken}>{script.call_to_action}</p>
        <div className={styles.again}>{again('call_to_action', t`Write another ending`)}</div>
      </section>
    </article>
  );
}
