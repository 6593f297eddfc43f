import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { Upload } from 'content-catalyst-sdk';
import { cancelUpload } from '../../api/changeUpload.ts';
import { Button } from '../../components/Button.tsx';
import { Notice } from '../../components/Notice.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { toast } from '../../components/toast.ts';

export function CancelUpload({ upload, back, done }: { upload: Upload; back: () => void; done: () => void }) {
  const { t } = useLingui();
  const cancel = useMutation({
    mutationFn: () => cancelUpload(upload),
    onSuccess: () => {
      toast(t`${upload.title} is cancelled.`);
      done();
    },
  });
  return (
    <Notice tone="warn">
      <p>
        {upload.youtube_video_id ? (
          <Trans>It is on YouTube already, and will be withdrawn: it stays there, private, and does not go public.</Trans>
        ) : (
          <Trans>It will not be published. The film stays, and can be scheduled again.</Trans>
        )}
      </p>
      <ProblemNote error={cancel.error} />
      <div className="row">
        <Button kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          <Trans>Cancel the publication</Trans>
        </Button>
        <Button kind="quiet" onClick={back}>
          <Trans>Leave it</Trans>
        </Button>
      </div>
    </Notice>
  );
}
