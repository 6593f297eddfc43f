import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Dialog, Heading, Modal as Overlay, ModalOverlay } from 'react-aria-components';
import { Icon } from './Icon.tsx';
import styles from './Modal.module.css';

interface ModalProps {
  title: ReactNode;
  /** Absent: it cannot be left without an answer. */
  onClose?: () => void;
  children: ReactNode;
  wide?: boolean;
}

/** Something to be answered before anything else; the focus stays inside and goes back where it was. */
export function Modal({ title, onClose, children, wide = false }: ModalProps) {
  const { t } = useLingui();
  return (
    <ModalOverlay className={styles.overlay} isOpen isDismissable={onClose !== undefined} isKeyboardDismissDisabled={onClose === undefined} onOpenChange={(open) => !open && onClose?.()}>
      <Overlay className={`${styles.modal} ${wide ? styles.wide : ''}`}>
        <Dialog className={styles.dialog}>
          <div className={styles.head}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {onClose ? (
              <button type="button" className={styles.close} aria-label={t`Close`} onClick={onClose}>
                <Icon name="close" />
              </button>
            ) : null}
          </div>
          {children}
        </Dialog>
      </Overlay>
    </ModalOverlay>
  );
}
