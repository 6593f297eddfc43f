import { useLingui } from '@lingui/react/macro';
import type { Label } from 'content-catalyst-sdk';
import { whole } from '../../i18n/numbers.ts';
import { chosenLabels, LABELS } from './filters.ts';
import { LOOKS } from './labels.ts';
import { Mark } from './Mark.tsx';
import styles from './Results.module.css';

interface LabelButtonsProps {
  counts: Record<Label, number>;
  /** Those that are chosen, with commas. */
  label: string | undefined;
  onChoose: (label: string | undefined) => void;
}

/** What the marks mean, how many there are of each, and which are shown. */
export function LabelButtons({ counts, label, onChoose }: LabelButtonsProps) {
  const { i18n, t } = useLingui();
  const chosen = chosenLabels(label);
  const toggle = (one: Label) => {
    const next = LABELS.filter((each) => (each === one ? !chosen.includes(one) : chosen.includes(each)));
    onChoose(next.length > 0 ? next.join() : undefined);
  };
  return (
    <div className={styles.labels} role="group" aria-label={t`How they did`}>
      {LABELS.filter((each) => counts[each] > 0 || chosen.includes(each)).map((each) => (
        <button key={each} type="button" className={styles.label} aria-pressed={chosen.includes(each)} onClick={() => toggle(each)}>
          <svg width={16} height={16} viewBox="-8 -8 16 16" aria-hidden="true">
            <Mark label={each} size={70} />
          </svg>
          {i18n._(LOOKS[each].words)} <span className="number soft">{whole(counts[each])}</span>
        </button>
      ))}
    </div>
  );
}
