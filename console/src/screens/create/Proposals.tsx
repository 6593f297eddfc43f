import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import type { ContentDetail, ContentKind, Idea, Title } from 'content-catalyst-sdk';
import { useState } from 'react';
import { useGeneration } from '../../api/generate.ts';
import { Button } from '../../components/Button.tsx';
import { Multiplier } from '../../components/Multiplier.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Writing } from '../../components/Writing.tsx';
import { Choose } from './Choose.tsx';
import styles from './Proposals.module.css';

/** Several to choose from, each with the videos that speak for it. */
export function Proposals({ piece, items }: { piece: ContentDetail; items: (Idea | Title)[] }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const generation = useGeneration();
  const [chosen, setChosen] = useState<number>();

  async function go(kind: ContentKind, item: number) {
    setChosen(item);
    const content = await generation.write(kind, { channel_id: piece.channel_id, source_id: piece.id, source_item: item });
    if (content) await navigate({ to: '/content/$id', params: { id: content.id } });
  }

  return (
    <ol className="stack">
      {items.map((item, n) => (
        <li key={item.title} className={`card ${styles.proposal}`}>
          <div className="row between">
            <h2 className={styles.title}>{item.title}</h2>
            <Choose piece={piece} item={n} title={item.title} />
          </div>
          {'angle' in item ? <p>{item.angle}</p> : null}
          <p className="soft">{item.why}</p>
          <Speakers piece={piece} ids={item.inspired_by ?? []} />
          {chosen === n ? <ProblemNote error={generation.error} /> : null}
          {chosen === n && generation.progress ? (
            <Writing progress={generation.progress} stop={generation.stop} />
          ) : (
            <div className="row">
              <Button size="s" kind="main" off={generation.progress !== undefined} aria-label={t`Write the script for ${item.title}`} onClick={() => void go('script', n)}>
                <Trans>Write the script</Trans>
              </Button>
              {piece.kind === 'ideas' ? (
                <Button size="s" off={generation.progress !== undefined} aria-label={t`Write titles for ${item.title}`} onClick={() => void go('titles', n)}>
                  <Trans>Write titles</Trans>
                </Button>
              ) : null}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function Speakers({ piece, ids }: { piece: ContentDetail; ids: string[] }) {
  const speaking = piece.inspired_by.filter(({ video_id, youtube_video_id }) => ids.includes(video_id) || ids.includes(youtube_video_id));
  if (speaking.length === 0) return null;
  return (
    <ul className={styles.speakers}>
      {speaking.map((video) => (
        <li key={video.video_id}>
          <Multiplier value={video.multiplier} label={video.label} /> {video.title}
        </li>
      ))}
    </ul>
  );
}
