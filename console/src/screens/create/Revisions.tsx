import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ContentDetail } from 'content-catalyst-sdk';
import { useState } from 'react';
import { pieceQuery } from '../../api/content.ts';
import { Asked } from '../../components/Asked.tsx';
import { Button } from '../../components/Button.tsx';
import { ContentBadge } from '../../components/ContentBadge.tsx';
import { Difference } from '../../components/Difference.tsx';
import { Modal } from '../../components/Modal.tsx';
import { linesOf } from '../../content/outputs.ts';
import styles from './Revisions.module.css';

/** All versions of a text, and what differs between them. */
export function Revisions({ piece }: { piece: ContentDetail }) {
  const { t } = useLingui();
  const [compared, setCompared] = useState<string>();
  if (piece.revisions.length < 2) return null;
  return (
    <section className="card stack" aria-labelledby="revisions">
      <h2 id="revisions">
        <Trans>Versions</Trans>
      </h2>
      <ul className={styles.revisions}>
        {piece.revisions.map((revision) => (
          <li key={revision.id} className="row between">
            <span className="row">
              <Link to="/content/$id" params={{ id: revision.id }} aria-current={revision.id === piece.id ? 'true' : undefined}>
                <Trans>Version {revision.revision}</Trans>
              </Link>
              <ContentBadge state={revision.state} />
            </span>
            {revision.id === piece.id ? null : (
              <Button size="s" kind="quiet" aria-label={t`Compare with version ${revision.revision}`} onClick={() => setCompared(revision.id)}>
                <Trans>Compare</Trans>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {compared ? <Comparison piece={piece} other={compared} close={() => setCompared(undefined)} /> : null}
    </section>
  );
}

function Comparison({ piece, other, close }: { piece: ContentDetail; other: string; close: () => void }) {
  const found = useQuery(pieceQuery(other));
  return (
    <Modal wide title={<Trans>What has changed</Trans>} onClose={close}>
      <Asked query={found}>
        {(second) => {
          const [older, newer] = second.revision < piece.revision ? [second, piece] : [piece, second];
          return (
            <>
              <p className="soft">
                <Trans>
                  From version {older.revision} to version {newer.revision}
                </Trans>
              </p>
              <Difference before={older.output ? linesOf(older.output).join('\n') : ''} after={newer.output ? linesOf(newer.output).join('\n') : ''} />
            </>
          );
        }}
      </Asked>
    </Modal>
  );
}
