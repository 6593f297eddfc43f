import { useLingui } from '@lingui/react/macro';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { short, times } from '../../i18n/numbers.ts';
import type { Spot } from './chart.ts';
import { LOOKS } from './labels.ts';
import styles from './Tip.module.css';
import { useDayWords } from './useDayWords.ts';

/** What a mark stands for, beside it; its link has the same words as its name. */
export function Tip({ spot, width }: { spot: Spot; width: number }) {
  const { i18n, t } = useLingui();
  const day = useDayWords();
  const { entry, label, x, y } = spot;
  const inline = Math.min(Math.max(x, 140), Math.max(width - 140, 140));
  return (
    <div className={`${styles.tip} ${y < 140 ? styles.below : ''}`} style={{ left: inline, top: y }} aria-hidden="true">
      <Thumbnail src={entry.thumbnail} />
      <div className={styles.words}>
        <p className={styles.title}>{entry.title}</p>
        <p>
          <b>{entry.multiplier === null ? '' : `${times(entry.multiplier)} `}</b>
          {i18n._(LOOKS[label].words)}
        </p>
        <p className="soft">
          {entry.at === null ? '' : day(entry.at)}
          {entry.views === null ? '' : ` · ${t`${short(entry.views)} views`}`}
        </p>
      </div>
    </div>
  );
}
