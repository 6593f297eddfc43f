import { type ReactNode, useEffect, useRef } from 'react';
import styles from './PageHeader.module.css';

let isFirst = true;

/** The heading of a screen. It names the tab, and gets the focus when the screen is opened from another one. */
export function PageHeader({ title, lead, children }: { title: ReactNode; lead?: ReactNode; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  useEffect(() => {
    document.title = `${heading.current?.textContent} · Content Catalyst`;
  });
  return (
    <div className={styles.header}>
      <div className={styles.words}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead ? <p className="soft">{lead}</p> : null}
      </div>
      {children ? <div className="row">{children}</div> : null}
    </div>
  );
}
