import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import type { Upload } from 'content-catalyst-sdk';
import type { ReactNode } from 'react';
import type { Conflict, Open } from '../../api/changeUpload.ts';
import { OPEN } from '../../api/changeUpload.ts';
import { Button } from '../../components/Button.tsx';
import { Modal } from '../../components/Modal.tsx';
import { Moment } from '../../time/Moment.tsx';
import styles from './ConflictModal.module.css';

const NAMES: Record<Open, MessageDescriptor> = {
  title: msg`Title`,
  description: msg`Description`,
  tags: msg`Tags`,
  category_id: msg`Category`,
  publish_at: msg`Goes out`,
  made_for_kids: msg`Made for kids`,
  altered_content: msg`Altered content`,
  notify_subscribers: msg`Tells subscribers`,
};

interface ConflictModalProps {
  mine: Upload;
  conflict: Conflict;
  zone: string;
  keepMine: () => void;
  takeTheirs: () => void;
  /** Decides nothing yet. */
  close: () => void;
}

/** Both versions beside each other, where they differ; nothing is lost before somebody has chosen. */
export function ConflictModal({ mine, conflict, zone, keepMine, takeTheirs, close }: ConflictModalProps) {
  const { i18n, t } = useLingui();
  const { theirs } = conflict;
  const differing = OPEN.filter((field) => JSON.stringify(mine[field]) !== JSON.stringify(theirs[field]));
  const shown = (upload: Upload, field: Open): ReactNode => {
    const value = upload[field];
    if (field === 'publish_at') return <Moment at={upload.publish_at} zone={zone} />;
    if (typeof value === 'boolean') return value ? t`Yes` : t`No`;
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return (
    <Modal wide title={<Trans>It was changed meanwhile</Trans>} onClose={close}>
      <p className="soft">
        <Trans>Another tab, another person or a program has changed it since you have opened it.</Trans>
      </p>
      <table className={styles.versions}>
        <thead>
          <tr>
            <td />
            <th scope="col">
              <Trans>Yours</Trans>
            </th>
            <th scope="col">
              <Trans>As it is now</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {differing.map((field) => (
            <tr key={field}>
              <th scope="row">{i18n._(NAMES[field])}</th>
              <td>{shown(mine, field)}</td>
              <td>{shown(theirs, field)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <Button kind="main" onClick={keepMine}>
          <Trans>Keep mine</Trans>
        </Button>
        <Button onClick={takeTheirs}>
          <Trans>Leave it as it is now</Trans>
        </Button>
      </div>
    </Modal>
  );
}
