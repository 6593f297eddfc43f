import { type KeyboardEvent, type PointerEvent, type RefObject, useState } from 'react';
import { nearest, type Spot } from './chart.ts';

/** Which mark of the chart is meant, by the pointer or by the keys. */
export function usePointing(frame: RefObject<HTMLElement | null>, spots: readonly Spot[], last: Spot | undefined) {
  const [pointed, setPointed] = useState<string>();
  const active = spots.find(({ entry }) => entry.id === pointed);
  // Exactly one mark is reached with the tab key; the arrows go on from there.
  const reached = active ?? last;
  const mean = (spot: Spot | undefined) => setPointed(spot?.entry.id);

  function focus(spot: Spot) {
    mean(spot);
    requestAnimationFrame(() => frame.current?.querySelector<SVGElement>(`[data-spot="${spot.entry.id}"]`)?.focus());
  }

  function keys(event: KeyboardEvent) {
    const here = reached ? spots.indexOf(reached) : -1;
    const end = spots.length - 1;
    const next = { ArrowRight: Math.min(here + 1, end), ArrowLeft: Math.max(here - 1, 0), Home: 0, End: end }[event.key];
    const spot = next === undefined ? undefined : spots[next];
    if (event.key === 'Escape') mean(undefined);
    if (!spot) return;
    event.preventDefault();
    focus(spot);
  }

  function point(event: PointerEvent<SVGSVGElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    mean(nearest(spots, event.clientX - box.left, event.clientY - box.top));
  }

  /** A mark that is drawn for the focus alone goes when the focus goes on, and that is not the end of it. */
  const left = () =>
    setTimeout(() => {
      if (!frame.current?.contains(document.activeElement)) mean(undefined);
    }, 100);

  return { active, reached, point, keys, left, mean };
}
