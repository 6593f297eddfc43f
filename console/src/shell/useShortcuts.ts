import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Place } from './places.ts';

/** How long the second letter may take, in milliseconds. */
const PATIENCE = 1500;

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** `G` then a letter leads to a screen, `?` shows all keys; nothing fires while somebody types. `Mod+K` opens the way to anything. */
export function useShortcuts(places: readonly Place[], show: (what: 'keys' | 'palette') => void) {
  const navigate = useNavigate();
  useEffect(() => {
    let since = -Infinity;
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return show('palette');
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
      if (event.key === '?') return show('keys');
      const key = event.key.toLowerCase();
      const place = event.timeStamp - since < PATIENCE ? places.find(({ letter }) => letter === key) : undefined;
      since = key === 'g' && !place ? event.timeStamp : -Infinity;
      if (!place) return;
      event.preventDefault();
      void navigate({ to: place.to });
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [places, navigate, show]);
}
