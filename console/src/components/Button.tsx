import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './Button.module.css';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  kind?: 'main' | 'plain' | 'quiet' | 'danger';
  size?: 'm' | 's';
  /** Under way: it keeps its place and the focus, and does nothing when it is pressed again. */
  busy?: boolean;
  /** Not possible now; say why beside it or in `title`. */
  off?: boolean;
  icon?: ReactNode;
}

export function Button({ kind = 'plain', size = 'm', busy = false, off = false, icon, children, className, onClick, type = 'button', ...rest }: ButtonProps) {
  const still = busy || off;
  return (
    <button
      {...rest}
      type={type}
      className={[styles.button, styles[kind], styles[size], className].filter(Boolean).join(' ')}
      aria-disabled={still || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (still) return event.preventDefault();
        onClick?.(event);
      }}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon}
      {children}
    </button>
  );
}

/** For links that look like buttons: `<Link className={buttonLook('main')} …>`. */
export const buttonLook = (kind: ButtonProps['kind'] = 'plain', size: ButtonProps['size'] = 'm') =>
  [styles.button, styles[kind], styles[size]].join(' ');
