import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Render as Film } from 'content-catalyst-sdk';
import { pieceQuery } from '../../api/content.ts';
import { renderQuery } from '../../api/renders.ts';
import { Asked } from '../../components/Asked.tsx';
import { Notice } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { RenderBadge } from '../../components/RenderBadge.tsx';
import { Cancel } from './Cancel.tsx';
import { Confirm } from './Confirm.tsx';
import { Credits } from './Credits.tsx';
import { Film as Player } from './Film.tsx';
import styles from './Render.module.css';
import { Schedule } from './Schedule.tsx';
import { Stages } from './Stages.tsx';
import { titleOf } from './title.ts';

export function Render() {
  const { id } = useParams({ from: '/shell/renders/$id' });
  const render = useQuery(renderQuery(id));
  return <Asked query={render}>{(film) => <RenderView render={film} />}</Asked>;
}

function RenderView({ render }: { render: Film }) {
  const script = useQuery({ ...pieceQuery(render.content_id ?? ''), enabled: Boolean(render.content_id) });
  const isUsable = render.state === 'ready' && render.confirmation !== 'needed';
  return (
    <>
      <PageHeader title={script.data?.title ?? titleOf(render)} lead={<Credits cost={render.cost} />}>
        <RenderBadge render={render} />
        <Cancel render={render} />
      </PageHeader>
      <div className={styles.page}>
        <div className="stack">
          <Stages render={render} />
          {render.error ? (
            <Notice tone="bad">
              <p>{render.error.message}</p>
              {render.content_id ? (
                <p>
                  <Link to="/content/$id" params={{ id: render.content_id }}>
                    <Trans>Back to the script</Trans>
                  </Link>
                </p>
              ) : null}
            </Notice>
          ) : null}
          {render.file ? <Player render={render} file={render.file} /> : null}
          {render.confirmation === 'needed' ? <Confirm render={render} /> : null}
        </div>
        {isUsable && !script.isLoading ? <Schedule render={render} script={script.data} /> : null}
      </div>
    </>
  );
}
