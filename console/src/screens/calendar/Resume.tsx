import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { Upload } from 'content-catalyst-sdk';
import { changeUpload } from '../../api/changeUpload.ts';
import { Button } from '../../components/Button.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';

/** Goes on with a publication, once its cause is settled. */
export function Resume({ upload }: { upload: Upload }) {
  const resume = useMutation({ mutationFn: () => changeUpload(upload, { resume: true }) });
  return (
    <>
      <Button busy={resume.isPending} onClick={() => resume.mutate()}>
        <Trans>Try it again</Trans>
      </Button>
      <ProblemNote error={resume.error} />
    </>
  );
}
