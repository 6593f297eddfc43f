import { Trans, useLingui } from '@lingui/react/macro';
import { scaleLog } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { type KeyboardEvent, useState } from 'react';
import { formats } from '../../i18n/i18n.ts';
import { short, whole } from '../../i18n/numbers.ts';
import { Moment } from '../../time/Moment.tsx';
import { ageUnit, agesWithin, type BandPoint, type CurvePoint, spaced } from './curve.ts';
import styles from './Curve.module.css';
import { MARGIN, ticksFor } from './ticks.ts';
import { useWidth } from './useWidth.ts';

const inWords = (hours: number) => {
  const { value, unit } = ageUnit(hours);
  return new Intl.NumberFormat(formats(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
};

/** The views of a video as it grew older, inside the band of its peers. */
export function Curve({ points, band }: { points: CurvePoint[]; band: BandPoint[] }) {
  const { t } = useLingui();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number>();
  const height = width < 600 ? 240 : 300;
  const wide = Math.max(width, 200);

  const ages = [...points, ...band].map(({ age }) => age);
  const views = [...points.map((point) => point.views), ...band.flatMap(({ low, high }) => [low, high])].map((value) => Math.max(value, 1));
  const [youngest, oldest] = [Math.max(1, Math.min(...ages)), Math.max(...ages)];
  const x = scaleLog([youngest, Math.max(oldest, youngest * 2)], [MARGIN.start, wide - MARGIN.end]);
  const y = scaleLog([Math.min(...views) / 1.2, Math.max(...views) * 1.2], [height - MARGIN.bottom, MARGIN.top]);
  const at = (value: number) => y(Math.max(value, 1));

  const usual = area<BandPoint>().x(({ age }) => x(age)).y0(({ low }) => at(low)).y1(({ high }) => at(high)).curve(curveMonotoneX)(band);
  const middle = line<BandPoint>().x(({ age }) => x(age)).y(({ typical }) => at(typical)).curve(curveMonotoneX)(band);
  const own = line<CurvePoint>().x(({ age }) => x(age)).y((point) => at(point.views)).curve(curveMonotoneX)(points);
  const reached = pointed ?? points.length - 1;
  const seen = pointed === undefined ? undefined : points[pointed];
  const nameOf = (point: CurvePoint) => t`${whole(point.views)} views after ${inWords(point.age)}`;

  function keys(event: KeyboardEvent) {
    const last = points.length - 1;
    const next = { ArrowRight: Math.min(reached + 1, last), ArrowLeft: Math.max(reached - 1, 0), Home: 0, End: last }[event.key];
    if (event.key === 'Escape') setPointed(undefined);
    if (next === undefined) return;
    event.preventDefault();
    setPointed(next);
    frame.current?.querySelectorAll<SVGElement>('[data-point]')[next]?.focus();
  }

  return (
    <div className={styles.frame} ref={frame}>
      <svg width={wide} height={height} role="group" aria-label={t`Views by age, with what is usual for the channel. The arrow keys go from one measurement to the next.`} className={styles.chart} onKeyDown={keys}>
        <g aria-hidden="true" className={styles.axes}>
          {ticksFor(y.domain() as [number, number], 6).map((tick) => (
            <g key={tick} transform={`translate(0 ${y(tick).toFixed(1)})`}>
              <line x1={MARGIN.start} x2={wide - MARGIN.end} />
              <text x={MARGIN.start - 8} dy="0.32em" textAnchor="end">
                {short(tick)}
              </text>
            </g>
          ))}
          {spaced(agesWithin(youngest, oldest), x, 84).map((age) => (
            <text key={age} x={Math.min(x(age), wide - 4)} y={height - 8} textAnchor={x(age) > wide - 50 ? 'end' : 'middle'}>
              {inWords(age)}
            </text>
          ))}
          {usual ? <path d={usual} className={styles.band} /> : null}
          {middle ? <path d={middle} className={styles.middle} /> : null}
          {own ? <path d={own} className={styles.own} /> : null}
        </g>
        {points.map((point, n) => (
          <g
            key={point.at}
            data-point={n}
            role="img"
            aria-label={nameOf(point)}
            tabIndex={n === reached ? 0 : -1}
            className={styles.point}
            transform={`translate(${x(point.age).toFixed(1)} ${at(point.views).toFixed(1)})`}
            onFocus={() => setPointed(n)}
            onBlur={() => setPointed(undefined)}
            onPointerEnter={() => setPointed(n)}
            onPointerLeave={() => setPointed(undefined)}
          >
            <circle r={12} className={styles.reach} />
            <circle r={n === pointed ? 6 : 4} className={styles.dot} />
          </g>
        ))}
      </svg>
      <div className={`row small ${styles.legend}`}>
        <span>
          <i className={styles.ownKey} /> <Trans>this video</Trans>
        </span>
        {band.length > 0 ? (
          <>
            <span>
              <i className={styles.bandKey} /> <Trans>half of the channel's videos lie here</Trans>
            </span>
            <span>
              <i className={styles.middleKey} /> <Trans>the middle one</Trans>
            </span>
          </>
        ) : null}
        <output className={styles.seen}>
          {seen ? (
            <>
              {nameOf(seen)} · <Moment at={seen.at} only="day" />
            </>
          ) : null}
        </output>
      </div>
    </div>
  );
}
