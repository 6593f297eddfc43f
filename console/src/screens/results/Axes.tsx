import { Trans } from '@lingui/react/macro';
import { formats } from '../../i18n/i18n.ts';
import { times } from '../../i18n/numbers.ts';
import styles from './Axes.module.css';
import { grain, type Layout, MARGIN } from './chart.ts';

const DAYS = { year: { year: 'numeric' }, month: { month: 'short', year: 'numeric' }, day: { day: 'numeric', month: 'short' } } as const;

/** The lines behind the marks and what they mean; the usual is the strongest. */
export function Axes({ drawn, width, height }: { drawn: Layout; width: number; height: number }) {
  const words = new Intl.DateTimeFormat(formats(), { ...DAYS[grain(drawn.x)], timeZone: 'UTC' });
  const end = width - MARGIN.end;
  return (
    <g aria-hidden="true" className={styles.axes}>
      {drawn.ticks.map((tick) => (
        <g key={tick} transform={`translate(0 ${drawn.y(tick).toFixed(1)})`}>
          <line x1={MARGIN.start} x2={end} className={tick === 1 ? styles.usual : styles.line} />
          <text x={MARGIN.start - 8} dy="0.32em" textAnchor="end">
            {times(tick).replace(/[.,]0×/, '×')}
          </text>
        </g>
      ))}
      {drawn.x.ticks(Math.max(2, Math.floor(width / 130))).map((tick) => (
        <text key={tick.getTime()} x={drawn.x(tick)} y={height - 8} textAnchor="middle">
          {words.format(tick)}
        </text>
      ))}
      {drawn.strip === undefined ? null : (
        <g>
          <line x1={MARGIN.start} x2={end} y1={drawn.bottom + 4} y2={drawn.bottom + 4} className={styles.strip} />
          <text x={MARGIN.start - 8} y={drawn.strip} dy="0.32em" textAnchor="end">
            <Trans comment="Below the chart: marks of videos that cannot be compared. At most six letters.">none</Trans>
          </text>
        </g>
      )}
    </g>
  );
}
