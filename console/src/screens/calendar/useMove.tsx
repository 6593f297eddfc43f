import { useLingui } from '@lingui/react/macro';
import { Problem, type Upload } from 'content-catalyst-sdk';
import { type ReactNode, useState } from 'react';
import type { SeenChannel } from '../../api/channels.ts';
import { changeUpload, Conflict } from '../../api/changeUpload.ts';
import { toast } from '../../components/toast.ts';
import { formats } from '../../i18n/i18n.ts';
import { ConflictModal } from './ConflictModal.tsx';

interface Disputed {
  seen: Upload;
  to: number;
  conflict: Conflict;
}

/** Moves an upload to an instant, with a way back; `dialogs` shows both versions when somebody else changed it. */
export function useMove(channel: SeenChannel): { move: (upload: Upload, to: number) => void; dialogs: ReactNode } {
  const { t } = useLingui();
  const [disputed, setDisputed] = useState<Disputed>();
  const zone = channel.time_zone;

  async function send(seen: Upload, to: number, canUndo: boolean) {
    if (Date.parse(seen.publish_at) === to) return;
    try {
      const moved = await changeUpload(seen, { publish_at: new Date(to).toISOString(), time_zone: zone });
      const when = new Intl.DateTimeFormat(formats(), { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(to);
      toast(canUndo ? t`Moved to ${when}.` : t`Back on ${when}.`, canUndo ? { undo: () => void send(moved, Date.parse(seen.publish_at), false) } : {});
    } catch (error) {
      if (error instanceof Conflict) return setDisputed({ seen, to, conflict: error });
      toast(error instanceof Problem ? error.message : t`The service cannot be reached. Nothing was moved.`, { tone: 'bad' });
    }
  }

  const dialogs = disputed ? (
    <ConflictModal
      mine={{ ...disputed.seen, publish_at: new Date(disputed.to).toISOString() }}
      conflict={disputed.conflict}
      zone={zone}
      keepMine={() => {
        setDisputed(undefined);
        void send(disputed.conflict.theirs, disputed.to, true);
      }}
      takeTheirs={() => setDisputed(undefined)}
      close={() => setDisputed(undefined)}
    />
  ) : null;
  return { move: (upload, to) => void send(upload, to, true), dialogs };
}
