import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useRef } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { Choice } from '../../components/Field.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Ago } from '../../time/Ago.tsx';
import styles from './Channels.module.css';
import { NAMES } from './names.ts';
import { type Setting, type Settings, settingsOf } from './settings.ts';
import { useWeekdays } from './useWeekdays.ts';

interface ClashProps {
  clash: { theirs: SeenChannel; conflicts: Setting[]; mine: Settings };
  draft: Settings;
  change: (some: Partial<Settings>) => void;
}

/** The settings were changed by somebody else while they were being edited: both versions, and the choice. */
export function Clash({ clash: { theirs, conflicts, mine }, draft, change }: ClashProps) {
  const { i18n, t } = useLingui();
  const weekdays = useWeekdays();
  const stored = settingsOf(theirs);
  const told = (settings: Settings, key: Setting): string => {
    if (key === 'slots') return settings.slots.map(({ weekday, time }) => `${weekdays[weekday - 1]} ${time}`).join(', ') || t`none`;
    return (key === 'links' ? settings.links.join('\n\n') : settings[key]) || t`nothing`;
  };
  const note = useRef<HTMLDivElement>(null);
  // It stands above what was just looked at.
  useEffect(() => note.current?.focus(), [theirs.version]);
  return (
    <div ref={note} tabIndex={-1} className={styles.clash}>
      <Notice tone="warn">
        <p>
          <Trans>
            Somebody has changed these settings <Ago at={theirs.updated_at} />, after you opened them. Nothing is lost: what only one of you changed is in the form below.
          </Trans>{' '}
          {conflicts.length > 0 ? <Trans>Both of you changed this; choose what to keep, then save.</Trans> : <Trans>Look at it, then save.</Trans>}
        </p>
        <div className={styles.decisions}>
          {conflicts.map((key) => (
            <Choice
              key={key}
              name={`clash-${key}`}
              label={i18n._(NAMES[key])}
              value={JSON.stringify(draft[key]) === JSON.stringify(stored[key]) ? 'theirs' : 'mine'}
              options={[
                { value: 'mine', label: t`Mine`, note: <span className={styles.version}>{told(mine, key)}</span> },
                { value: 'theirs', label: t`Theirs`, note: <span className={styles.version}>{told(stored, key)}</span> },
              ]}
              onChoose={(whose) => change({ [key]: (whose === 'mine' ? mine : stored)[key] })}
            />
          ))}
        </div>
      </Notice>
    </div>
  );
}
