import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Upload } from 'content-catalyst-sdk';
import { useState } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { uploadQuery } from '../../api/uploads.ts';
import { Asked } from '../../components/Asked.tsx';
import { Button } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Modal } from '../../components/Modal.tsx';
import { Notice } from '../../components/Notice.tsx';
import { UploadBadge } from '../../components/UploadBadge.tsx';
import { Ago } from '../../time/Ago.tsx';
import { TwoZones } from '../../time/TwoZones.tsx';
import { CancelUpload } from './CancelUpload.tsx';
import { EditUpload } from './EditUpload.tsx';
import { isEditable, isMovable } from './movable.ts';
import { MoveTo } from './MoveTo.tsx';
import { Resume } from './Resume.tsx';
import styles from './UploadModal.module.css';
import { useMove } from './useMove.tsx';

interface UploadModalProps {
  id: string;
  channel: SeenChannel;
  close: () => void;
}

/** One publication: how far it is, why, and what can be done. */
export function UploadModal({ id, channel, close }: UploadModalProps) {
  const upload = useQuery(uploadQuery(id));
  return (
    <Modal title={upload.data?.title ?? <Trans>A publication</Trans>} onClose={close} wide>
      <Asked query={upload}>{(found) => <Details upload={found} channel={channel} close={close} />}</Asked>
    </Modal>
  );
}

function Details({ upload, channel, close }: { upload: Upload; channel: SeenChannel; close: () => void }) {
  const [doing, setDoing] = useState<'move' | 'edit' | 'cancel'>();
  const { move, dialogs } = useMove(channel);
  const back = () => setDoing(undefined);
  return (
    <div className="stack">
      <div className="row">
        <UploadBadge upload={upload} />
        <span>
          <TwoZones at={upload.publish_at} zone={channel.time_zone} />
        </span>
        <span className="soft">
          <Ago at={upload.publish_at} />
        </span>
      </div>
      <Why upload={upload} />
      {upload.description && doing !== 'edit' ? <p className={styles.description}>{upload.description}</p> : null}
      {upload.tags.length > 0 && doing !== 'edit' ? <p className="soft small">{upload.tags.join(', ')}</p> : null}
      <div className="row">
        {upload.youtube_url ? (
          <a href={upload.youtube_url} target="_blank" rel="noreferrer">
            <Trans>On YouTube</Trans> <Icon name="external" size={14} />
          </a>
        ) : null}
        <Link to="/renders/$id" params={{ id: upload.render_id }}>
          <Trans>The film</Trans>
        </Link>
      </div>
      {doing === 'move' ? <MoveTo upload={upload} channel={channel} move={move} done={back} /> : null}
      {doing === 'edit' ? <EditUpload upload={upload} zone={channel.time_zone} done={back} /> : null}
      {doing === 'cancel' ? <CancelUpload upload={upload} back={back} done={close} /> : null}
      {doing === undefined && isMovable(upload) ? (
        <div className="row">
          <Button kind="main" onClick={() => setDoing('move')}>
            <Trans>Move to…</Trans>
          </Button>
          {isEditable(upload) ? (
            <Button onClick={() => setDoing('edit')}>
              <Trans>Change the words</Trans>
            </Button>
          ) : null}
          {upload.state === 'needs_attention' ? <Resume upload={upload} /> : null}
          <Button kind="danger" onClick={() => setDoing('cancel')}>
            <Trans>Cancel it</Trans>
          </Button>
        </div>
      ) : null}
      {dialogs}
    </div>
  );
}

/** Why it is as it is, in the API's words. */
function Why({ upload }: { upload: Upload }) {
  if (upload.state === 'on_youtube') {
    return (
      <p className="soft">
        <Trans>It is on YouTube, private, with its time set. YouTube makes it public, with or without us.</Trans>
      </p>
    );
  }
  const reason = upload.explanation ?? upload.last_error?.message;
  if (!reason && !upload.next_action) return null;
  return (
    <Notice tone={upload.state === 'needs_attention' || upload.state === 'failed' ? 'bad' : 'calm'}>
      {reason ? <p>{reason}</p> : null}
      {upload.next_action ? <p>{upload.next_action}</p> : null}
    </Notice>
  );
}
