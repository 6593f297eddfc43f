import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ContentSummary } from 'content-catalyst-sdk';
import type { SeenChannel } from '../../api/channels.ts';
import { piecesQuery } from '../../api/content.ts';
import { Asked } from '../../components/Asked.tsx';
import { ContentBadge, KINDS } from '../../components/ContentBadge.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Ago } from '../../time/Ago.tsx';
import styles from './Pieces.module.css';
import { threadsOf } from './threads.ts';

/** What was written, as threads from idea to description; the newest thread first. */
export function Pieces({ channel }: { channel: SeenChannel }) {
  const pieces = useQuery(piecesQuery(channel.id));
  return (
    <Asked query={pieces}>
      {(all) =>
        all.length === 0 ? (
          <Empty icon="create" title={<Trans>Nothing was written yet</Trans>}>
            <p>
              <Trans>Ideas come with the videos of yours that speak for them, and how far these were above your usual.</Trans>
            </p>
          </Empty>
        ) : (
          <ul className="stack">
            {threadsOf(all).map((thread) => (
              <li key={thread[0]?.id} className="card">
                <ul className={styles.thread}>
                  {thread.map((piece) => (
                    <Piece key={piece.id} piece={piece} />
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        )
      }
    </Asked>
  );
}

function Piece({ piece }: { piece: ContentSummary }) {
  const { i18n, t } = useLingui();
  return (
    <li className={styles.piece}>
      <span className={styles.kind}>{i18n._(KINDS[piece.kind])}</span>
      <Link to="/content/$id" params={{ id: piece.id }} className={styles.title}>
        {piece.title ?? piece.failure?.message ?? t`Without a title`}
      </Link>
      <span className={styles.facts}>
        <span className="soft small">
          <Ago at={piece.created_at} />
        </span>
        <ContentBadge state={piece.state} />
      </span>
    </li>
  );
}
