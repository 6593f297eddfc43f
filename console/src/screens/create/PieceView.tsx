import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ContentDetail } from 'content-catalyst-sdk';
import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { ContentBadge, KINDS } from '../../components/ContentBadge.tsx';
import { Notice } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Decide } from './Decide.tsx';
import { Edit } from './Edit.tsx';
import { Evidence } from './Evidence.tsx';
import { Made } from './Made.tsx';
import { Onward } from './Onward.tsx';
import { OutputView } from './OutputView.tsx';
import { Order } from './Order.tsx';
import styles from './PieceView.module.css';
import { Revisions } from './Revisions.tsx';
import { Thread } from './Thread.tsx';

/** One revision of a text: what it says, what speaks for it, and what can be done with it. */
export function PieceView({ piece }: { piece: ContentDetail }) {
  const { i18n, t } = useLingui();
  const [isEditing, setIsEditing] = useState(false);
  const newest = piece.revisions[0];
  return (
    <>
      <PageHeader title={piece.title ?? t`Without a title`} lead={`${i18n._(KINDS[piece.kind])} · ${t`version ${piece.revision}`}`}>
        <ContentBadge state={piece.state} />
      </PageHeader>
      <div className={styles.page}>
        <div className="stack">
          <Thread piece={piece} />
          {newest && newest.id !== piece.id ? (
            <Notice>
              <p>
                <Trans>
                  There is a newer version. <Link to="/content/$id" params={{ id: newest.id }}>See version {newest.revision}</Link>
                </Trans>
              </p>
            </Notice>
          ) : null}
          {piece.failure ? (
            <Notice tone="bad">
              <p>{piece.failure.message}</p>
            </Notice>
          ) : null}
          {piece.warnings.map((warning) => (
            <Notice key={warning.message} tone="warn">
              <p>{warning.message}</p>
            </Notice>
          ))}
          {piece.output && isEditing ? <Edit piece={piece} done={() => setIsEditing(false)} /> : null}
          {piece.output && !isEditing ? (
            <>
              <OutputView piece={piece} output={piece.output} />
              <div className="row">
                <Button onClick={() => setIsEditing(true)}>
                  <Trans>Edit</Trans>
                </Button>
              </div>
              <Decide piece={piece} />
            </>
          ) : null}
          {piece.kind === 'script' && piece.state === 'approved' ? <Order script={piece} /> : null}
          <Onward piece={piece} />
        </div>
        <aside className="stack">
          <Evidence piece={piece} />
          <Revisions piece={piece} />
          <Made piece={piece} />
        </aside>
      </div>
    </>
  );
}
