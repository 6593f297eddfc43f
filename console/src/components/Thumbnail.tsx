import { useState } from 'react';
import { Icon } from './Icon.tsx';
import styles from './Thumbnail.module.css';

interface ThumbnailProps {
  src: string | null | undefined;
  /** Whose first letter stands in for a missing picture of a channel. */
  of?: string;
  round?: boolean;
}

/** A picture of YouTube's beside its title; what stands in for it keeps its place. */
export function Thumbnail({ src, of, round = false }: ThumbnailProps) {
  const [broken, setBroken] = useState<string>();
  return (
    <span className={`${styles.frame} ${round ? styles.round : styles.wide}`} aria-hidden="true">
      {of && round ? of.trim().charAt(0).toUpperCase() : <Icon name="renders" />}
      {src && src !== broken ? <img key={src} className={styles.picture} src={src} alt="" loading="lazy" decoding="async" onError={() => setBroken(src)} /> : null}
    </span>
  );
}
