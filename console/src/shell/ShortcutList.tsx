import { Trans, useLingui } from '@lingui/react/macro';
import { Modal } from '../components/Modal.tsx';
import type { Place } from './places.ts';
import styles from './ShortcutList.module.css';

export default function ShortcutList({ places, onClose }: { places: readonly Place[]; onClose: () => void }) {
  const { i18n } = useLingui();
  return (
    <Modal title={<Trans>Keys</Trans>} onClose={onClose}>
      <dl className={styles.keys}>
        {places.map((place) => (
          <div key={place.to}>
            <dt>{i18n._(place.name)}</dt>
            <dd>
              <kbd>G</kbd> <kbd>{place.letter.toUpperCase()}</kbd>
            </dd>
          </div>
        ))}
        <div>
          <dt>
            <Trans>Go to</Trans>
          </dt>
          <dd>
            <kbd>{/Mac|iP/.test(navigator.userAgent) ? '⌘' : 'Ctrl'}</kbd> <kbd>K</kbd>
          </dd>
        </div>
        <div>
          <dt>
            <Trans>All keys</Trans>
          </dt>
          <dd>
            <kbd>?</kbd>
          </dd>
        </div>
      </dl>
    </Modal>
  );
}
