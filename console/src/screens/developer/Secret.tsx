import { Trans } from '@lingui/react/macro';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Modal } from '../../components/Modal.tsx';
import styles from './Developer.module.css';

/** A secret that nobody can ask for again. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Modal title={<Trans>The secret, this once</Trans>}>
      <p>
        <Trans>It signs every delivery. Keep it where your service keeps its secrets: it is not shown again.</Trans>
      </p>
      <pre className={styles.code}>{secret}</pre>
      <div className="row">
        <CopyButton text={secret}>
          <Trans>Copy</Trans>
        </CopyButton>
        <Button size="s" kind="main" onClick={onClose}>
          <Trans>I have it</Trans>
        </Button>
      </div>
    </Modal>
  );
}
