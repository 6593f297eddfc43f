import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';
import styles from './Toasts.module.css';
import { dismiss, useToasts } from './toast.ts';

export function Toasts() {
  const { t } = useLingui();
  const toasts = useToasts();
  return (
    // Within reach also while a dialog is open.
    <div className={styles.toasts} role="status" aria-live="polite" data-react-aria-top-layer="true">
      {toasts.map((toast) => (
        <div key={toast.id} className={`${styles.toast} ${toast.tone === 'bad' ? styles.bad : ''}`}>
          <span>{toast.words}</span>
          {toast.undo ? (
            <Button
              size="s"
              onClick={() => {
                dismiss(toast.id);
                toast.undo?.();
              }}
            >
              <Trans>Undo</Trans>
            </Button>
          ) : null}
          <button type="button" className={styles.close} aria-label={t`Dismiss`} onClick={() => dismiss(toast.id)}>
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
