const PATHS = {
  today: 'M4 6.5h16M4 12h10M4 17.5h7',
  results: 'M4 19V5M4 19h16M8 15v-3M12 15V8M16 15v-5',
  create: 'M12 5v14M5 12h14',
  renders: 'M4 6h16v12H4zM10 9.5v5l4.5-2.5z',
  calendar: 'M4 6h16v14H4zM4 10.5h16M8 3.5V8M16 3.5V8',
  channels: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.700 1.900 7.500 5.500',
  developer: 'M8.500 7 3.500 12l5 5M15.500 7l5 5-5 5',
  operator: 'M12 4l7 3v5c0 4-3 7-7 8-4-1-7-4-7-8V7z',
  account: 'M12 13a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-3 3.700-4.500 7-4.500s6 1.500 7 4.500',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  warning: 'M12 4 3 19.500h18zM12 10v4M12 16.800v.01',
  offline: 'M3 4l18 17M6 9.500a10 10 0 0 1 4-2M18.500 10a10 10 0 0 0-5-2.700M8.500 13.500a6 6 0 0 1 3.500-1.400M12 18.500h.01',
  done: 'M5 12.500l4.500 4.500L19 7',
  close: 'M6 6l12 12M18 6 6 18',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500',
  external: 'M14 5h5v5M19 5l-8 8M17 14v5H5V7h5',
  spark: 'M12 4l1.800 5.200L19 11l-5.200 1.800L12 18l-1.800-5.200L5 11l5.200-1.800z',
  next: 'M9 5l7 7-7 7',
  back: 'M15 5l-7 7 7 7',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words; alone it needs a name of its own where it stands. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.8} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
