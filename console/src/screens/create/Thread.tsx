import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ContentDetail } from 'content-catalyst-sdk';
import { piecesQuery } from '../../api/content.ts';
import { KINDS } from '../../components/ContentBadge.tsx';
import styles from './Thread.module.css';
import { threadsOf } from './threads.ts';

/** The way from the idea to the description, and where on it one is. */
export function Thread({ piece }: { piece: ContentDetail }) {
  const { i18n, t } = useLingui();
  const { data } = useQuery(piecesQuery(piece.channel_id));
  const thread = threadsOf(data ?? []).find((each) => each.some(({ root_id }) => root_id === piece.root_id));
  if (!thread || thread.length < 2) return null;
  return (
    <nav aria-label={t`This video's texts`}>
      <ol className={styles.thread}>
        {thread.map((each) => {
          const isHere = each.root_id === piece.root_id;
          return (
            <li key={each.id}>
              <Link to="/content/$id" params={{ id: isHere ? piece.id : each.id }} className={styles.step} aria-current={isHere ? 'step' : undefined} title={each.title ?? undefined}>
                <span className={styles.kind}>{i18n._(KINDS[each.kind])}</span>
                <span className={styles.title}>{each.title}</span>
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
