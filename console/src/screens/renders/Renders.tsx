import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Render } from 'content-catalyst-sdk';
import type { SeenChannel } from '../../api/channels.ts';
import { piecesQuery } from '../../api/content.ts';
import { rendersQuery } from '../../api/renders.ts';
import { WithChannel } from '../../channels/WithChannel.tsx';
import { Asked } from '../../components/Asked.tsx';
import { buttonLook } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { RenderBadge } from '../../components/RenderBadge.tsx';
import { Ago } from '../../time/Ago.tsx';
import { Credits } from './Credits.tsx';
import styles from './Renders.module.css';
import { titleOf } from './title.ts';

export function Renders() {
  return (
    <>
      <PageHeader title={<Trans>Renders</Trans>} lead={<Trans>Every film, what it cost, and whether it is scheduled.</Trans>} />
      <WithChannel>{(channel) => <List channel={channel} />}</WithChannel>
    </>
  );
}

function List({ channel }: { channel: SeenChannel }) {
  const renders = useQuery(rendersQuery(channel.id));
  const pieces = useQuery(piecesQuery(channel.id));
  const titles = new Map(pieces.data?.map(({ id, title }) => [id, title]));
  return (
    <Asked query={renders}>
      {(all) =>
        all.length === 0 ? (
          <Empty
            icon="renders"
            title={<Trans>No film was rendered yet</Trans>}
            action={
              <Link to="/content" className={buttonLook('main')}>
                <Trans>Write a script</Trans>
              </Link>
            }
          >
            <p>
              <Trans>An approved script becomes a film. You see the price first, and watch the film before it goes anywhere.</Trans>
            </p>
          </Empty>
        ) : (
          <ul className="card">
            {all.map((render) => (
              <Row key={render.id} render={render} title={titles.get(render.content_id ?? '') ?? titleOf(render)} />
            ))}
          </ul>
        )
      }
    </Asked>
  );
}

function Row({ render, title }: { render: Render; title: string }) {
  return (
    <li className={styles.row}>
      <Link to="/renders/$id" params={{ id: render.id }} className={styles.title}>
        {title}
      </Link>
      <span className="soft small">
        <Ago at={render.created_at} />
      </span>
      <span className="soft small">
        <Credits cost={render.cost} />
      </span>
      <RenderBadge render={render} />
    </li>
  );
}
