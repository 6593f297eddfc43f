import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ContentDetail, RenderAspect, RenderBody, RenderCaptions, RenderFootage, RenderQuality, RenderResolution } from 'content-catalyst-sdk';
import { type FormEvent, useState } from 'react';
import { cache } from '../../api/cache.ts';
import { api } from '../../api/client.ts';
import { estimateQuery, voicesQuery } from '../../api/renders.ts';
import { Asked } from '../../components/Asked.tsx';
import { Button } from '../../components/Button.tsx';
import { Check, SelectField } from '../../components/Field.tsx';
import { fieldError, ProblemNote } from '../../components/ProblemNote.tsx';
import { Price } from './Price.tsx';
import styles from './Order.module.css';

/** A film of an approved script: how it shall be, what it costs, and only then the order. */
export function Order({ script }: { script: ContentDetail }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [body, setBody] = useState<RenderBody>({ content_id: script.id, footage: 'stock-video', quality: 'standard', resolution: '1080p', captions: 'bottom', music: true });
  // One order, however often the button is pressed.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const estimate = useQuery(estimateQuery(body));
  const voices = useQuery(voicesQuery);
  const order = useMutation({
    mutationFn: async () => (await api.createRender({ body, headers: { 'Idempotency-Key': key } })).data,
    onSuccess: async (render) => {
      await cache.invalidateQueries({ queryKey: ['renders'] });
      await navigate({ to: '/renders/$id', params: { id: render.id } });
    },
  });
  const choose = (changed: Partial<RenderBody>) => {
    setBody({ ...body, ...changed });
    setKey(crypto.randomUUID());
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!order.isPending) order.mutate();
  }

  return (
    <section className="card" aria-labelledby="order">
      <form className="stack" onSubmit={submit} noValidate>
        <h2 id="order">
          <Trans>Render the film</Trans>
        </h2>
        <div className={styles.fields}>
          <SelectField label={t`Shape`} value={body.aspect ?? ''} error={fieldError(order.error, '/aspect')} onChange={(event) => choose({ aspect: (event.target.value || null) as RenderAspect | null })}>
            <option value="">{t`As the script's form wants it`}</option>
            <option value="9:16">{t`Upright`}</option>
            <option value="16:9">{t`Wide`}</option>
            <option value="1:1">{t`Square`}</option>
          </SelectField>
          <SelectField label={t`Pictures`} value={body.footage} error={fieldError(order.error, '/footage')} onChange={(event) => choose({ footage: event.target.value as RenderFootage })}>
            <option value="stock-video">{t`Stock footage`}</option>
            <option value="moving-image">{t`Moving pictures`}</option>
            <option value="ai-video">{t`Made by a model`}</option>
          </SelectField>
          <SelectField label={t`Quality`} value={body.quality} error={fieldError(order.error, '/quality')} onChange={(event) => choose({ quality: event.target.value as RenderQuality })}>
            <option value="standard">{t`Standard`}</option>
            <option value="pro">{t`Better`}</option>
            <option value="ultra">{t`Best`}</option>
          </SelectField>
          <SelectField label={t`Size`} value={body.resolution} error={fieldError(order.error, '/resolution')} onChange={(event) => choose({ resolution: event.target.value as RenderResolution })}>
            <option>720p</option>
            <option>1080p</option>
          </SelectField>
          <SelectField label={t`Captions`} value={body.captions} error={fieldError(order.error, '/captions')} onChange={(event) => choose({ captions: event.target.value as RenderCaptions })}>
            <option value="off">{t`None`}</option>
            <option value="top">{t`At the top`}</option>
            <option value="middle">{t`In the middle`}</option>
            <option value="bottom">{t`At the bottom`}</option>
          </SelectField>
          {voices.data && voices.data.length > 0 ? (
            <SelectField label={t`Voice`} value={body.voice ?? ''} error={fieldError(order.error, '/voice')} onChange={(event) => choose({ voice: event.target.value || null })}>
              <option value="">{t`The usual one`}</option>
              {voices.data.map((voice) => (
                <option key={voice.id} value={voice.id}>
                  {voice.name}
                </option>
              ))}
            </SelectField>
          ) : null}
        </div>
        <Check label={t`With music`} checked={body.music ?? true} onChange={(event) => choose({ music: event.target.checked })} />
        <Asked query={estimate}>{(price) => <Price estimate={price} />}</Asked>
        <ProblemNote error={order.error} shownBeside={['/aspect', '/footage', '/quality', '/resolution', '/captions', '/voice']} />
        <div className="row">
          <Button type="submit" kind="main" busy={order.isPending} off={!estimate.data?.affordable}>
            {estimate.data ? <Trans>Render it for {estimate.data.credits} credits</Trans> : <Trans>Render it</Trans>}
          </Button>
        </div>
      </form>
    </section>
  );
}
