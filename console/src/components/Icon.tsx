const PATHS = {
  today: 'M4 6.5h16M4 12h10M4 17.5h7',
  results: 'M4 19V5M4 19h16M8 15v-3M12 15V8M16 15v-5',
  create: 'M12 5v14M5 12h14',
  renders: 'M4 5h16v14H4zM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4',
  calendar: 'M4 6h16v14H4zM4 10.5h16M8 3.5V8M16 3.5V8',
  channels: 'M5 5.5h14a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V7A1.5 1.5 0 0 1 5 5.5zM8 20h8M10.5 8.8v4.4l3.6-2.2z',
  developer: 'M8.5 7 3.5 12l5 5M15.5 7l5 5-5 5',
  operator: 'M12 4l7 3v5c0 4-3 7-7 8-4-1-7-4-7-8V7z',
  account: 'M12 13a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-3 3.7-4.5 7-4.5s6 1.5 7 4.5',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  warning: 'M12 4 3 19.5h18zM12 10v4M12 16.8v.01',
  offline: 'M3 4l18 17M6 9.5a10 10 0 0 1 4-2M18.5 10a10 10 0 0 0-5-2.7M8.5 13.5a6 6 0 0 1 3.5-1.4M12 18.5h.01',
  done: 'M5 12.5l4.5 4.5L19 7',
  close: 'M6 6l12 12M18 6 6 18',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5',
  external: 'M14 5h5v5M19 5l-8 8M17 14v5H5V7h5',
  spark: 'M12 4l1.8 5.2L19 11l-5.2 1.8L12 18l-1.8-5.2L5 11l5.2-1.8z',
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
