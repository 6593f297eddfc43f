import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { memo, useRef } from 'react';
import type { Entry } from '../../api/catalogue.ts';
import { Badge } from '../../components/Badge.tsx';
import { Multiplier } from '../../components/Multiplier.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { short } from '../../i18n/numbers.ts';
import { labelOf } from './filters.ts';
import { FORMAT_WORDS, LOOKS } from './labels.ts';
import { useDayWords } from './useDayWords.ts';
import { useVisible } from './useVisible.ts';
import styles from './VideoList.module.css';

/** Height of a row in pixels, as in the style sheet. */
const ROW = 76;

/** Thousands of videos, of which those in sight are drawn. */
export const VideoList = memo(function VideoList({ entries, scoresShown }: { entries: readonly Entry[]; scoresShown: boolean }) {
  const list = useRef<HTMLUListElement>(null);
  const [first, end] = useVisible(list, entries.length, ROW);
  return (
    <ul ref={list} className={`card ${styles.list}`} style={{ blockSize: entries.length * ROW + 2 }} aria-labelledby="videos">
      {entries.slice(first, end).map((entry, n) => (
        <li key={entry.id} className={styles.place} style={{ transform: `translateY(${(first + n) * ROW}px)` }} aria-setsize={entries.length} aria-posinset={first + n + 1}>
          <Row entry={entry} scoresShown={scoresShown} />
        </li>
      ))}
    </ul>
  );
});

const Row = memo(function Row({ entry, scoresShown }: { entry: Entry; scoresShown: boolean }) {
  const { i18n, t } = useLingui();
  const day = useDayWords();
  const label = labelOf(entry);
  const facts = [
    entry.at === null ? t`not published` : day(entry.at),
    entry.format ? i18n._(FORMAT_WORDS[entry.format]) : '',
    entry.views === null ? '' : t`${short(entry.views)} views`,
    entry.gone ? t`no longer on YouTube` : '',
  ];
  return (
    <Link to="/results/$video" params={{ video: entry.id }} className={styles.row} preload={false}>
      <Thumbnail src={entry.thumbnail} />
      <span className={styles.words}>
        <span className={styles.title}>{entry.title}</span>
        <span className={styles.facts}>
          {scoresShown ? <span className={styles.narrow}>{i18n._(LOOKS[label].words)} · </span> : null}
          {facts.filter(Boolean).join(' · ')}
        </span>
      </span>
      {scoresShown ? (
        <>
          <span className={styles.label}>
            <Badge tone={LOOKS[label].tone}>{i18n._(LOOKS[label].words)}</Badge>
          </span>
          <span className={styles.times}>
            <Multiplier value={entry.multiplier} label={label} />
          </span>
        </>
      ) : null}
    </Link>
  );
});
