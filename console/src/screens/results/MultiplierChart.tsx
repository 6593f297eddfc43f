import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { memo, useMemo } from 'react';
import type { Entry } from '../../api/catalogue.ts';
import { times } from '../../i18n/numbers.ts';
import { Axes } from './Axes.tsx';
import { layout, notable, type Spot } from './chart.ts';
import { Mark } from './Mark.tsx';
import styles from './MultiplierChart.module.css';
import { LOOKS } from './labels.ts';
import { Tip } from './Tip.tsx';
import { useDayWords } from './useDayWords.ts';
import { usePointing } from './usePointing.ts';
import { useWidth } from './useWidth.ts';

/** Every video at its day and at its multiple of the usual views, on a logarithmic scale. */
export const MultiplierChart = memo(function MultiplierChart({ entries }: { entries: readonly Entry[] }) {
  const { i18n, t } = useLingui();
  const navigate = useNavigate();
  const day = useDayWords();
  const [frame, width] = useWidth<HTMLDivElement>();
  const height = width < 600 ? 260 : 340;
  const drawn = useMemo(() => layout(entries, Math.max(width, 200), height), [entries, width, height]);
  const { marks, rest } = useMemo(() => notable(drawn.spots), [drawn]);
  const { active, reached, point, keys, left, mean } = usePointing(frame, drawn.spots, marks.at(-1));

  const nameOf = ({ entry, label }: Spot) =>
    [entry.title, entry.multiplier === null ? i18n._(LOOKS[label].words) : t`${times(entry.multiplier)} the usual views, ${i18n._(LOOKS[label].words)}`, entry.at === null ? '' : day(entry.at)].join(', ');

  const open = (spot: Spot | undefined) => spot && void navigate({ to: '/results/$video', params: { video: spot.entry.id } });

  return (
    <div className={styles.frame} ref={frame}>
      <svg
        className={styles.chart}
        width={Math.max(width, 200)}
        height={height}
        role="group"
        aria-label={t`Videos by their day and their multiple of the usual views. The arrow keys go from one to the next.`}
        onKeyDown={keys}
        onPointerMove={point}
        onPointerLeave={() => mean(undefined)}
        onBlur={left}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          open(active);
        }}
      >
        <Axes drawn={drawn} width={width} height={height} />
        <Rest spots={rest} />
        {[...marks, ...(active && !marks.includes(active) ? [active] : [])].map((spot) => (
          <g key={spot.entry.id} transform={`translate(${spot.x.toFixed(1)} ${spot.y.toFixed(1)})`}>
            <a
              data-spot={spot.entry.id}
              href={`/results/${spot.entry.id}`}
              className={styles.spot}
              tabIndex={spot === reached ? 0 : -1}
              aria-label={nameOf(spot)}
              onFocus={() => mean(spot)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return;
                event.preventDefault();
                open(spot);
              }}
            >
              {spot === active ? <circle r={12} className={styles.halo} /> : null}
              <Mark label={spot.label} size={spot.label === 'outlier' ? 110 : 64} />
            </a>
          </g>
        ))}
      </svg>
      {active ? <Tip spot={active} width={width} /> : null}
      {rest.length > 0 ? (
        <p className="soft small">
          <Trans>The videos that lie farthest from the usual stand out; all others are drawn small, and are found with the pointer and the arrow keys as well.</Trans>
        </p>
      ) : null}
    </div>
  );
});

/** Many marks in few strokes. */
function Rest({ spots }: { spots: readonly Spot[] }) {
  const paths = useMemo(() => {
    const found = { other: '', typical: '' };
    for (const { label, x, y } of spots) found[label === 'typical' ? 'typical' : 'other'] += `M${x.toFixed(1)} ${y.toFixed(1)}m-2 0h4m-2-2v4`;
    return found;
  }, [spots]);
  return (
    <g aria-hidden="true">
      <path d={paths.other} className={styles.others} />
      <path d={paths.typical} className={styles.usual} />
    </g>
  );
}
