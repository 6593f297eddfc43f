import { type RefObject, useLayoutEffect, useState } from 'react';
import { rowsInView } from './rows.ts';

/** Which rows of a long list are in the window or near it, while the page is scrolled. */
export function useVisible(list: RefObject<HTMLElement | null>, count: number, height: number): [first: number, end: number] {
  const [range, setRange] = useState<[number, number]>([0, 20]);
  useLayoutEffect(() => {
    const look = () => {
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const next = rowsInView(-top, innerHeight, height, count);
      setRange((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [list, count, height]);
  return range;
}
