// Short messages about what was just done, with a way back where there is one.

import { useSyncExternalStore } from 'react';

export interface Toast {
  id: number;
  words: string;
  tone?: 'plain' | 'bad';
  /** Takes it back; offered for ten seconds. */
  undo?: () => void;
}

/** For how long a message stays, in milliseconds. */
export const STAYS = 10_000;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function become(next: readonly Toast[]) {
  toasts = next;
  listeners.forEach((listener) => listener());
}

export function toast(words: string, more: Pick<Toast, 'undo' | 'tone'> = {}): void {
  const id = ++last;
  become([...toasts.slice(-2), { id, words, ...more }]);
  setTimeout(() => dismiss(id), STAYS);
}

export function dismiss(id: number): void {
  become(toasts.filter((each) => each.id !== id));
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useToasts = () => useSyncExternalStore(subscribe, () => toasts);
