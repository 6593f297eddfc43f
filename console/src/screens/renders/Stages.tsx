import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import type { Render, RenderState } from 'content-catalyst-sdk';
import { isUnderWay } from '../../api/renders.ts';
import { Icon } from '../../components/Icon.tsx';
import styles from './Stages.module.css';

const STAGES: { states: RenderState[]; name: MessageDescriptor }[] = [
  { states: ['requested', 'submitting', 'submit_unknown'], name: msg`Ordered` },
  { states: ['queued'], name: msg`In the queue` },
  { states: ['rendering'], name: msg`Rendering` },
  { states: ['ready'], name: msg`Ready` },
];

/** How far a film has come. */
export function Stages({ render }: { render: Render }) {
  const { i18n } = useLingui();
  const at = STAGES.findIndex(({ states }) => states.includes(render.state));
  if (at < 0) return null;
  const isReady = render.state === 'ready';
  return (
    <div className="card stack">
      <ol className={styles.stages}>
        {STAGES.map((stage, n) => (
          <li key={stage.states[0]} className={styles.stage} data-is={n < at || isReady ? 'done' : n === at ? 'now' : 'later'} aria-current={n === at ? 'step' : undefined}>
            <span className={styles.sign}>{n < at || isReady ? <Icon name="done" size={14} /> : n + 1}</span>
            {i18n._(stage.name)}
          </li>
        ))}
      </ol>
      {isUnderWay(render) ? (
        <div role="status">
          <p className="soft small">
            {render.state === 'submit_unknown' ? (
              <Trans>It is not known yet whether the order has arrived. This is looked into; nothing is ordered twice.</Trans>
            ) : (
              <Trans>This takes some minutes. You can leave; it goes on by itself.</Trans>
            )}
          </p>
          {render.progress != null ? <progress className={styles.bar} max={100} value={render.progress} aria-label={i18n._(msg`Progress`)} /> : null}
        </div>
      ) : null}
    </div>
  );
}
